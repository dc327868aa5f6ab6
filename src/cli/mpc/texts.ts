// What the commands of secure computation say, in three languages.
import type { Language } from '../../judge/words.ts'

/** Texts of the commands. */
export interface MpcTexts {
  readonly mpc: string
  readonly millionaires: string
  readonly add: string
  readonly multiply: string
  readonly infer: string
  readonly inferCsv: string
  readonly inferModel: string
  readonly inferShows: string
  readonly inferred: (rows: number) => string
  readonly bench: string
  readonly psi: string
  readonly vertical: string
  readonly verticalRun: string
  readonly stock: string
  readonly stockMake: string
  readonly stockShow: string
  readonly stockFor: string
  readonly stockUse: string
  readonly checkTransfers: string
  readonly stockRows: string
  readonly stockColumns: string
  readonly stockProducts: string
  readonly stockBitGates: string
  readonly stockCount: string
  readonly stockMade: (count: number, products: number, bitGates: number, garbled: number) => string
  readonly stockEmpty: (folder: string) => string
  readonly peerName: string
  readonly atLeast: string
  readonly budget: string
  readonly count: string
  readonly party: string
  readonly parties: string
  readonly counted: string
  readonly reached: (yes: boolean, count: number) => string
  readonly countWhere: (ports: number, places: number) => string
  readonly value: string
  readonly values: string
  readonly listen: string
  readonly connect: string
  readonly code: string
  readonly local: string
  readonly other: string
  readonly otherCsv: string
  readonly bits: string
  readonly sharing: string
  readonly csv: string
  readonly id: string
  readonly label: string
  readonly link: string
  readonly scaling: string
  readonly epochs: string
  readonly rate: string
  readonly l2: string
  readonly noLosses: string
  readonly align: string
  readonly stopBelow: string
  readonly evaluate: string
  readonly holdOut: string
  readonly measure: (name: 'auc' | 'rmse', value: number) => string
  readonly learns: string
  readonly most: string
  readonly seconds: string
  readonly waiting: (port: number, code: string) => string
  readonly richer: Readonly<Record<'mine' | 'theirs' | 'equal' | 'guest' | 'host', string>>
  readonly cost: (ms: number, cpuMs: number, sent: number, received: number, rounds: number) => string
  readonly common: (count: number, mine: number, theirs: number) => string
  readonly nothing: (theirs: number) => string
  readonly loss: (epoch: number, loss: number) => string
  readonly weight: (name: string, weight: number) => string
  readonly intercept: string
  readonly where: string
  readonly whole: string
  readonly perSecond: string
  readonly runs: string
  readonly perCoreSecond: string
  readonly bytes: string
  readonly rounds: string
  readonly target: string
  readonly abyHere: string
  readonly abyBinary: string
}

const en: MpcTexts = {
  mpc: 'Compute with another party without showing it your numbers (two parties, semi-honest)',
  millionaires: 'Who has more? Neither side shows its number',
  add: 'Add two vectors',
  multiply: 'Multiply two vectors, element by element',
  infer: 'A small dense network of the other side on your rows: it does not see the rows, you do not see its weights',
  inferCsv: 'rows, at the listening side',
  inferModel: "network, at the connecting side: a model file of Yimeng, or dense layers under PyTorch's names (.safetensors)",
  inferShows: 'what the listening side learns of each row: the class, or all outputs',
  inferred: (rows) => `Done: the other side has its ${rows} answers.`,
  bench: 'Measure secure computation on this machine, in two processes',
  psi: 'Find the items that both have, without showing the others',
  vertical: 'Learn on columns that two parties hold for the same rows',
  verticalRun: 'Train a regression: the listening side has the labels',
  stock: 'Randomness made ahead with one peer, each stock used once',
  stockMake: 'Make a stock with the other side',
  stockShow: 'Show the stocks that wait',
  stockFor: 'what it is for: millionaires, mul, linear, logistic, poisson, or amounts',
  checkTransfers:
    'refuse a peer that cheats in oblivious transfers, if both sides ask for it (not reviewed; everything else still trusts the peer)',
  stockUse: 'use up a stock that was made with this peer, if both sides have one',
  stockRows: 'rows, or the length of the vectors',
  stockColumns: 'columns of both sides together',
  stockProducts: 'with --for amounts: products over Z/2^64',
  stockBitGates: 'with --for amounts: AND gates times rows',
  stockCount: 'how many stocks',
  stockMade: (count, products, bitGates, garbled) =>
    `${count} made, each with ${products} products, ${bitGates} AND gates by XOR shares and ${garbled} garbled`,
  stockEmpty: (folder) => `No stock in ${folder}.`,
  peerName: 'your name for the peer: letters, digits, - and _',
  atLeast: 'with --learns threshold, or count: only whether this number is reached',
  budget: 'refuse when the peer has asked about more items than this in all, over all sessions (written down before answering)',
  count: 'ask at how many of several parties each item of party 0 occurs: only party 0 learns the numbers',
  party: 'which party this is: 0 asks, 1 adds',
  parties: 'number of parties',
  counted: 'Done: party 0 has its answer.',
  reached: (yes, count) => (yes ? `At least ${count} in common.` : `Fewer than ${count} in common.`),
  countWhere: (ports, places) => `--listen with ${ports} ports and --connect with ${places} places and as many codes, or --local`,
  value: 'your whole number',
  values: 'your whole numbers, separated by commas',
  listen: 'wait for the other side on this port (count: for each party after this one, separated by commas)',
  connect: 'where the other side waits: host:port (count: party 0 and party 1, separated by commas)',
  code: 'the code that the other side shows',
  local: 'run both sides here, in two processes',
  other: "with --local: the other side's number or numbers",
  otherCsv: "with --local: the other side's table",
  bits: 'width of the numbers: 32 or 64',
  sharing: 'arithmetic or boolean',
  csv: 'your table; for count --local the tables of all parties, separated by commas',
  id: 'column that names the rows',
  label: 'column to predict, in the table of the listening side',
  link: 'linear, logistic or poisson',
  scaling: 'how features are scaled: none, min-max or standard',
  epochs: 'passes over the rows',
  rate: 'learning rate',
  l2: 'penalty on the weights',
  noLosses: 'do not open the losses',
  evaluate: 'scores: the listening side sees the score of every row; private: nobody does, only one measure (AUC or RMSE) is opened',
  holdOut: 'share of rows kept from training and evaluated instead',
  measure: (name, value) => `${name === 'auc' ? 'area under the ROC curve' : 'root of the mean squared error'}: ${value}`,
  stopBelow: 'stop when the loss falls by less than this share of itself; each loss is then opened as it comes',
  align: 'find the common rows first, privately; both sides learn which of their rows are common',
  learns:
    'who learns what: guest (the listening side, the items), both, size (the listening side, only how many) or threshold (both, only whether --at-least is reached)',
  most: 'refuse a peer with more items',
  seconds: 'seconds for each line, after half as many to warm up',
  waiting: (port, code) => `Waiting on port ${port}. On the other side: --connect <this machine>:${port} --code ${code}`,
  richer: {
    mine: 'You have more.',
    theirs: 'The other side has more.',
    equal: 'Both have the same.',
    guest: 'The first has more.',
    host: 'The second has more.',
  },
  cost: (ms, cpuMs, sent, received, rounds) =>
    `${(ms / 1000).toFixed(2)} s (${(cpuMs / 1000).toFixed(2)} s of processor), sent ${sent} bytes, received ${received}, ${rounds} rounds`,
  common: (count, mine, theirs) => `${count} in common (${mine} here, ${theirs} there)`,
  nothing: (theirs) => `Done: the other side, with ${theirs} items, has its answer.`,
  loss: (epoch, loss) => `loss before update ${epoch}: ${loss}`,
  weight: (name, weight) => `weight of ${name}: ${weight}`,
  intercept: 'intercept',
  where: 'one of --listen, --connect with --code, or --local',
  whole: 'a whole number',
  perSecond: 'per second',
  runs: 'runs',
  perCoreSecond: 'per core-second',
  bytes: 'bytes sent',
  rounds: 'rounds',
  target: 'target',
  abyHere: 'ABY here',
  abyBinary: "native ABY's program bench_operations: both its roles are run here too, and its figures stand beside",
}

const zhCN: MpcTexts = {
  mpc: '与另一方联合计算而不暴露各自的数字（两方，半诚实模型）',
  millionaires: '百万富翁问题：谁更多？双方都不出示数字',
  add: '两个向量相加',
  multiply: '两个向量逐元素相乘',
  infer: '用对方的小型全连接网络推断自己的数据行：对方看不到数据行，己方看不到权重',
  inferCsv: '数据行（监听方）',
  inferModel: '网络（连接方）：Yimeng 模型文件，或按 PyTorch 命名的全连接层（.safetensors）',
  inferShows: '监听方得知每行的什么：类别，或全部输出',
  inferred: (rows) => `完成：对方已得到 ${rows} 个结果。`,
  bench: '在本机用两个进程测量安全计算的速度',
  psi: '隐私求交：找出双方共有的条目，其余不暴露',
  vertical: '纵向联邦学习：双方对同一批样本持有不同的列',
  verticalRun: '训练回归模型：监听的一方持有标签',
  stock: '与某一对方预先制作的材料，每份只用一次',
  stockMake: '与对方制作材料',
  stockShow: '显示尚未使用的材料',
  stockFor: '用途：millionaires、mul、linear、logistic、poisson 或 amounts（数量）',
  checkTransfers: '若对方在不经意传输中作弊则拒绝，须双方都启用（未经评审；其余部分仍信任对方）',
  stockUse: '若双方都有，则使用与该对方预先制作的材料',
  stockRows: '行数，或向量的长度',
  stockColumns: '双方的总列数',
  stockProducts: '与 --for amounts 同用：Z/2^64 上的乘积数',
  stockBitGates: '与 --for amounts 同用：与门数乘以行数',
  stockCount: '制作的份数',
  stockMade: (count, products, bitGates, garbled) =>
    `已制作 ${count} 份，每份含 ${products} 个乘积、${bitGates} 个异或份额与门和 ${garbled} 个混淆与门`,
  stockEmpty: (folder) => `${folder} 中没有材料。`,
  peerName: '您给对方起的名字：字母、数字、- 和 _',
  atLeast: '与 --learns threshold 或 count 同用：只回答是否达到此数',
  budget: '对方在所有会话中累计询问的条目超过此数则拒绝（回答之前先记账）',
  count: '第 0 方的每个条目出现在几方？只有第 0 方得知个数',
  party: '本方编号：0 提问，1 求和',
  parties: '参与方总数',
  counted: '完成：第 0 方已得到答案。',
  reached: (yes, count) => (yes ? `共有至少 ${count} 个。` : `共有不足 ${count} 个。`),
  countWhere: (ports, places) => `需要 --listen 加 ${ports} 个端口、--connect 加 ${places} 个地址和同样多的口令，或 --local`,
  value: '您的整数',
  values: '您的整数，用逗号分隔',
  listen: '在此端口等待另一方（count：依次等待后续各方，用逗号分隔）',
  connect: '另一方等待的地址：主机:端口（count：第 0 方和第 1 方，用逗号分隔）',
  code: '另一方显示的口令',
  local: '在本机用两个进程运行双方',
  other: '与 --local 同用：另一方的数字',
  otherCsv: '与 --local 同用：另一方的表格',
  bits: '数字位宽：32 或 64',
  sharing: 'arithmetic（算术）或 boolean（布尔）',
  csv: '您的表格；count --local 时为各方的表格，用逗号分隔',
  id: '标识行的列',
  label: '要预测的列，在监听一方的表格中',
  link: 'linear（线性）、logistic（逻辑）或 poisson（泊松）',
  scaling: '特征缩放：none、min-max 或 standard',
  epochs: '遍历次数',
  rate: '学习率',
  l2: '权重惩罚',
  noLosses: '不公开损失',
  evaluate: 'scores：监听方得知每行的得分；private：无人得知得分，只公开一个指标（AUC 或 RMSE）',
  holdOut: '不参与训练、只用于评估的行所占比例',
  measure: (name, value) => `${name === 'auc' ? 'ROC 曲线下面积' : '均方根误差'}：${value}`,
  stopBelow: '损失的降幅小于此比例时停止；每个损失会随即公开',
  align: '先用隐私求交找出共有的行；双方会得知自己的哪些行是共有的',
  learns: '谁得知什么：guest（监听方得知条目）、both（双方）、size（监听方只得知个数）或 threshold（双方只得知是否达到 --at-least）',
  most: '对方条目超过此数则拒绝',
  seconds: '每行的测量时间（秒），另加一半时间预热',
  waiting: (port, code) => `正在端口 ${port} 等待。另一方请输入：--connect <本机地址>:${port} --code ${code}`,
  richer: { mine: '您更多。', theirs: '对方更多。', equal: '双方相等。', guest: '第一方更多。', host: '第二方更多。' },
  cost: (ms, cpuMs, sent, received, rounds) =>
    `${(ms / 1000).toFixed(2)} 秒（处理器 ${(cpuMs / 1000).toFixed(2)} 秒），发送 ${sent} 字节，接收 ${received} 字节，${rounds} 轮`,
  common: (count, mine, theirs) => `共有 ${count} 个（本方 ${mine}，对方 ${theirs}）`,
  nothing: (theirs) => `完成：持有 ${theirs} 个条目的对方已得到答案。`,
  loss: (epoch, loss) => `第 ${epoch} 次更新前的损失：${loss}`,
  weight: (name, weight) => `${name} 的权重：${weight}`,
  intercept: '截距',
  where: '--listen、--connect 加 --code，或 --local 之一',
  whole: '整数',
  perSecond: '每秒',
  runs: '次数',
  perCoreSecond: '每核秒',
  bytes: '发送字节',
  rounds: '轮数',
  target: '目标',
  abyHere: '本机 ABY',
  abyBinary: '原生 ABY 的 bench_operations 程序：也在本机运行其双方，并列显示结果',
}

const zhTW: MpcTexts = {
  mpc: '與另一方聯合計算而不洩漏各自的數字（兩方，半誠實模型）',
  millionaires: '百萬富翁問題：誰比較多？雙方都不出示數字',
  add: '兩個向量相加',
  multiply: '兩個向量逐元素相乘',
  infer: '用對方的小型全連接網路推論自己的資料列：對方看不到資料列，己方看不到權重',
  inferCsv: '資料列（監聽方）',
  inferModel: '網路（連接方）：Yimeng 模型檔，或依 PyTorch 命名的全連接層（.safetensors）',
  inferShows: '監聽方得知每列的什麼：類別，或全部輸出',
  inferred: (rows) => `完成：對方已得到 ${rows} 個結果。`,
  bench: '在本機以兩個行程測量安全計算的速度',
  psi: '隱私求交：找出雙方共有的項目，其餘不洩漏',
  vertical: '縱向聯邦學習：雙方對同一批樣本持有不同的欄位',
  verticalRun: '訓練迴歸模型：監聽的一方持有標籤',
  stock: '與某一對方預先製作的材料，每份只用一次',
  stockMake: '與對方製作材料',
  stockShow: '顯示尚未使用的材料',
  stockFor: '用途：millionaires、mul、linear、logistic、poisson 或 amounts（數量）',
  checkTransfers: '若對方在不經意傳輸中作弊則拒絕，須雙方都啟用（未經審查；其餘部分仍信任對方）',
  stockUse: '若雙方都有，則使用與該對方預先製作的材料',
  stockRows: '列數，或向量的長度',
  stockColumns: '雙方的總欄位數',
  stockProducts: '與 --for amounts 併用：Z/2^64 上的乘積數',
  stockBitGates: '與 --for amounts 併用：及閘數乘以列數',
  stockCount: '製作的份數',
  stockMade: (count, products, bitGates, garbled) =>
    `已製作 ${count} 份，每份含 ${products} 個乘積、${bitGates} 個互斥或份額及閘和 ${garbled} 個混淆及閘`,
  stockEmpty: (folder) => `${folder} 中沒有材料。`,
  peerName: '您給對方取的名字：字母、數字、- 和 _',
  atLeast: '與 --learns threshold 或 count 併用：只回答是否達到此數',
  budget: '對方在所有連線中累計詢問的項目超過此數則拒絕（回答之前先記帳）',
  count: '第 0 方的每個項目出現在幾方？只有第 0 方得知個數',
  party: '本方編號：0 提問，1 加總',
  parties: '參與方總數',
  counted: '完成：第 0 方已得到答案。',
  reached: (yes, count) => (yes ? `共有至少 ${count} 個。` : `共有不足 ${count} 個。`),
  countWhere: (ports, places) => `需要 --listen 加 ${ports} 個連接埠、--connect 加 ${places} 個位址和同樣多的通行碼，或 --local`,
  value: '您的整數',
  values: '您的整數，以逗號分隔',
  listen: '在此連接埠等待另一方（count：依序等待後續各方，以逗號分隔）',
  connect: '另一方等待的位址：主機:連接埠（count：第 0 方和第 1 方，以逗號分隔）',
  code: '另一方顯示的通行碼',
  local: '在本機以兩個行程執行雙方',
  other: '與 --local 併用：另一方的數字',
  otherCsv: '與 --local 併用：另一方的表格',
  bits: '數字位元寬度：32 或 64',
  sharing: 'arithmetic（算術）或 boolean（布林）',
  csv: '您的表格；count --local 時為各方的表格，以逗號分隔',
  id: '識別列的欄位',
  label: '要預測的欄位，在監聽一方的表格中',
  link: 'linear（線性）、logistic（邏輯）或 poisson（卜瓦松）',
  scaling: '特徵縮放：none、min-max 或 standard',
  epochs: '走訪次數',
  rate: '學習率',
  l2: '權重懲罰',
  noLosses: '不公開損失',
  evaluate: 'scores：監聽方得知每列的得分；private：無人得知得分，只公開一個指標（AUC 或 RMSE）',
  holdOut: '不參與訓練、只用於評估的列所占比例',
  measure: (name, value) => `${name === 'auc' ? 'ROC 曲線下面積' : '均方根誤差'}：${value}`,
  stopBelow: '損失的降幅小於此比例時停止；每個損失會隨即公開',
  align: '先以隱私求交找出共有的列；雙方會得知自己的哪些列是共有的',
  learns: '誰得知什麼：guest（監聽方得知項目）、both（雙方）、size（監聽方只得知個數）或 threshold（雙方只得知是否達到 --at-least）',
  most: '對方項目超過此數則拒絕',
  seconds: '每行的測量時間（秒），另加一半時間預熱',
  waiting: (port, code) => `正在連接埠 ${port} 等待。另一方請輸入：--connect <本機位址>:${port} --code ${code}`,
  richer: { mine: '您比較多。', theirs: '對方比較多。', equal: '雙方相等。', guest: '第一方比較多。', host: '第二方比較多。' },
  cost: (ms, cpuMs, sent, received, rounds) =>
    `${(ms / 1000).toFixed(2)} 秒（處理器 ${(cpuMs / 1000).toFixed(2)} 秒），傳送 ${sent} 位元組，接收 ${received} 位元組，${rounds} 輪`,
  common: (count, mine, theirs) => `共有 ${count} 個（本方 ${mine}，對方 ${theirs}）`,
  nothing: (theirs) => `完成：持有 ${theirs} 個項目的對方已得到答案。`,
  loss: (epoch, loss) => `第 ${epoch} 次更新前的損失：${loss}`,
  weight: (name, weight) => `${name} 的權重：${weight}`,
  intercept: '截距',
  where: '--listen、--connect 加 --code，或 --local 之一',
  whole: '整數',
  perSecond: '每秒',
  runs: '次數',
  perCoreSecond: '每核秒',
  bytes: '傳送位元組',
  rounds: '輪數',
  target: '目標',
  abyHere: '本機 ABY',
  abyBinary: '原生 ABY 的 bench_operations 程式：也在本機執行其雙方，並列顯示結果',
}

/** The texts of a language. */
export const mpcTexts: Readonly<Record<Language, MpcTexts>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW }
