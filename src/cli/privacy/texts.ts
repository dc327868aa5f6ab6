// What the privacy commands say, in three languages.
import type { Language } from '../../judge/words.ts'
import type { Unit } from '../../privacy/index.ts'
import type { Assumption, Observer, Sight } from '../../tasks/index.ts'

/** Texts of the commands. */
export interface PrivacyTexts {
  readonly privacy: string
  readonly plan: string
  readonly report: string
  readonly ledger: string
  readonly folder: string
  readonly noLedger: (folder: string) => string
  /** `most`: the site's budget, if its policy has one in this unit. */
  readonly overAllRuns: (epsilon: string, delta: string, charges: number, most: string | undefined) => string
  readonly run: string
  readonly epsilon: string
  readonly delta: string
  readonly rounds: string
  readonly poisson: string
  readonly accountant: string
  readonly notANumber: (option: string, text: string) => string
  readonly multiplier: (multiplier: string, perClip: string) => string
  readonly costs: (epsilon: string, delta: string, rounds: number, accountant: string) => string
  readonly after: (round: number, epsilon: string) => string
  readonly secretSample: string
  readonly noBudget: string
  readonly spent: (epsilon: string, delta: string, budget: string) => string
  readonly unit: Readonly<Record<Unit, string>>
  readonly stopped: (round: number) => string
  readonly bySite: (site: string, charges: number, epsilon: string) => string
  readonly whoSees: string
  readonly seen: (observer: string, sight: string) => string
  readonly assumed: string
  readonly observers: Readonly<Record<Observer, string>>
  readonly sights: Readonly<Record<Sight, string>>
  readonly assumptions: Readonly<Record<Assumption, string>>
}

const en: PrivacyTexts = {
  privacy: 'differential privacy: plan noise, see what a run cost',
  plan: 'the noise that a number of rounds needs',
  report: 'what a run cost each site, who could see what, and what that assumes',
  ledger: 'what a site has spent over all runs, by its node’s own ledger',
  folder: 'folder of the node',
  noLedger: (folder) => `no private round has been charged in ${folder}`,
  overAllRuns: (epsilon, delta, charges, most) =>
    `over all runs: ε = ${epsilon} at δ = ${delta}${most === undefined ? '' : `, of ${most}`}, ${charges} charges`,
  run: 'a run, its beginning, or last',
  epsilon: 'most that all rounds together may cost',
  delta: 'chance left out of the promise, far below one over the number of units',
  rounds: 'releases: rounds, or steps of DP-SGD',
  poisson: 'each unit takes part with this chance, kept secret (absent: all do)',
  accountant: 'what adds ε up: rdp, or pld, which is sharper and slower',
  notANumber: (option, text) => `${option}: a number in range, got ${text}`,
  multiplier: (multiplier, perClip) => `noise multiplier ${multiplier} (standard deviation ${perClip} × the clipping bound)`,
  costs: (epsilon, delta, rounds, accountant) => `ε = ${epsilon} at δ = ${delta} after ${rounds} rounds, by ${accountant}`,
  after: (round, epsilon) => `after round ${round}: ε = ${epsilon}`,
  secretSample: 'holds only while nobody but the sampler knows who took part',
  noBudget: 'no differential privacy: no finite ε holds; the model may remember single patients',
  spent: (epsilon, delta, budget) => `spent: ε = ${epsilon} at δ = ${delta}, of ${budget}, by the site that was chosen most`,
  unit: {
    site: 'unit: all that one site holds; two data sets differ by one site that is there or not (with local noise: by all that it holds)',
    record: 'unit: one record; two data sets differ by one that is there or not',
    patient: 'unit: all records of one patient at one site; two data sets differ by one patient who is there or not',
  },
  stopped: (round) => `stopped after round ${round}: the next would have cost more than the budget`,
  bySite: (site, charges, epsilon) => `${site}: ${charges} charges, ε = ${epsilon}`,
  whoSees: 'Who saw what of a site’s training',
  seen: (observer, sight) => `${observer}: ${sight}`,
  assumed: 'What this relies on',
  observers: { coordinator: 'coordinator', sites: 'other sites', modelHolders: 'who has the model', network: 'who listens' },
  sights: {
    eachUpdate: 'each site’s update, by name',
    eachClippedUpdate: 'each site’s update, clipped, by name',
    eachNoisedUpdate: 'each site’s update by name, with the site’s own noise in it',
    sum: 'the sum of the updates only',
    noisedSum: 'the sum of the updates with noise only',
    models: 'the models of all rounds',
    noisedModels: 'the models of all rounds, noised',
    model: 'the final model',
    noisedModel: 'the final model, noised',
    nothing: 'nothing where the transport encrypts (TLS); all of it where not',
  },
  assumptions: {
    statisticsExact:
      'the columns’ statistics of round 0 (counts, means, variances, levels, min and max) travelled without noise and are in no ε',
    statisticsPublic: 'ranges and levels of the columns were declared, not looked up: round 0 asked no site anything',
    statisticsNoised: 'the columns’ statistics of round 0 carried noise, and are in ε as its first charge; ranges and levels were declared',
    measuresExact: 'measures on test rows were told exactly and are in no ε',
    cohortsPublic: 'who took part is public: no gain from sampling is counted',
    coordinatorAddsNoise: 'the coordinator adds the noise and keeps the mean without it to itself',
    sitesAddOwnNoise: 'each site adds the noise that protects it',
    samplesSecret: 'which records were in a step stays at the site, and each was drawn by chance',
    rowsPublic: 'how many rows a site has is public',
    sitesAddNoise: 'as many sites as the quorum, less the colluding ones, added their share of the noise',
    keysOwn: 'the sites’ keys are their own: signed by certified sites in an alliance, not signed within one process',
    fewAccomplices: 'fewer than the threshold of sites told the coordinator their secrets',
    fewAccomplicesNear:
      'no larger share of sites told the coordinator their secrets, and those were chosen before the round’s keys: a site’s neighbours are drawn from these',
    dealerForgot: 'whoever dealt the Paillier key kept nothing of it: here, the one process that all sites ran in',
    siteIsUnit: 'one patient’s rows at one site are covered as part of that site',
    recordIsUnit: 'a patient with several rows is covered less: k rows cost up to k times the ε',
    patientIsUnit: 'a patient treated at two sites is two patients: the two together cost up to twice the ε',
  },
}

const zhCN: PrivacyTexts = {
  privacy: '差分隐私：规划噪声，查看一次运行的代价',
  plan: '给定轮数所需的噪声',
  report: '一次运行让每个站点付出多少，谁能看到什么，依据哪些假设',
  ledger: '一个站点在所有运行中已付出多少，按其节点自己的账本',
  folder: '节点的文件夹',
  noLedger: (folder) => `${folder} 中没有任何隐私轮次记账`,
  overAllRuns: (epsilon, delta, charges, most) =>
    `所有运行合计：ε = ${epsilon}（δ = ${delta}）${most === undefined ? '' : `，预算 ${most}`}，记账 ${charges} 次`,
  run: '运行的名称、名称开头，或 last',
  epsilon: '所有轮次合计的上限',
  delta: '承诺之外的概率，应远小于单位数的倒数',
  rounds: '发布次数：轮数，或 DP-SGD 的步数',
  poisson: '每个单位以此概率参与，且须保密（缺省：全部参与）',
  accountant: '隐私核算方法：rdp；或 pld，更紧但更慢',
  notANumber: (option, text) => `${option}：应为范围内的数，得到 ${text}`,
  multiplier: (multiplier, perClip) => `噪声倍数 ${multiplier}（标准差为裁剪界的 ${perClip} 倍）`,
  costs: (epsilon, delta, rounds, accountant) => `${rounds} 轮后 ε = ${epsilon}（δ = ${delta}），按 ${accountant} 计算`,
  after: (round, epsilon) => `第 ${round} 轮后：ε = ${epsilon}`,
  secretSample: '仅当除抽样者外无人知道谁参与时成立',
  noBudget: '没有差分隐私：不存在有限的 ε；模型可能记住个别患者',
  spent: (epsilon, delta, budget) => `入选最多的站点已用：ε = ${epsilon}（δ = ${delta}），预算 ${budget}`,
  unit: {
    site: '单位：一个站点的全部数据；两个数据集相差一个站点的有无（本地加噪时：相差该站点的全部数据）',
    record: '单位：一条记录；两个数据集相差一条记录的有无',
    patient: '单位：一位患者在一个站点的全部记录；两个数据集相差一位患者的有无',
  },
  stopped: (round) => `在第 ${round} 轮后停止：再一轮将超出预算`,
  bySite: (site, charges, epsilon) => `${site}：记账 ${charges} 次，ε = ${epsilon}`,
  whoSees: '谁看到了站点训练的什么',
  seen: (observer, sight) => `${observer}：${sight}`,
  assumed: '以上依据',
  observers: { coordinator: '协调方', sites: '其他站点', modelHolders: '持有模型者', network: '网络窃听者' },
  sights: {
    eachUpdate: '每个站点的更新，知道来自谁',
    eachClippedUpdate: '每个站点裁剪后的更新，知道来自谁',
    eachNoisedUpdate: '每个站点已自行加噪的更新，知道来自谁',
    sum: '仅更新之和',
    noisedSum: '仅加噪后的更新之和',
    models: '各轮模型',
    noisedModels: '各轮加噪模型',
    model: '最终模型',
    noisedModel: '加噪的最终模型',
    nothing: '传输加密（TLS）时看不到任何内容；未加密时可看到全部',
  },
  assumptions: {
    statisticsExact: '第 0 轮的列统计量（计数、均值、方差、类别、最小和最大值）未加噪，不计入 ε',
    statisticsPublic: '各列的取值范围和类别是事先声明的，并非从数据中查得：第 0 轮没有询问任何站点',
    statisticsNoised: '第 0 轮的列统计量带有噪声，作为第一笔计入 ε；取值范围和类别是事先声明的',
    measuresExact: '测试集指标按原值公布，不计入 ε',
    cohortsPublic: '参与者名单公开：未计抽样带来的增益',
    coordinatorAddsNoise: '由协调方加噪，且不泄露未加噪的均值',
    sitesAddOwnNoise: '每个站点都加入了保护自己的噪声',
    samplesSecret: '每一步抽到哪些记录不出站点，且每条记录随机独立抽取',
    rowsPublic: '各站点的行数是公开的',
    sitesAddNoise: '至少有（法定数减去合谋数）个站点加入了各自的噪声份额',
    keysOwn: '各站点的密钥确为其本人所有：联盟中由持证站点签名，单进程内不签名',
    fewAccomplices: '向协调方泄密的站点数低于门限',
    fewAccomplicesNear: '向协调方泄密的站点不超过上述比例，且在本轮密钥产生之前就已确定：各站点的邻居由这些密钥抽出',
    dealerForgot: 'Paillier 密钥的分发者没有留存密钥：此处即所有站点所在的同一进程',
    siteIsUnit: '同一站点内某位患者的数据作为该站点的一部分受到保护',
    recordIsUnit: '有多条记录的患者保护较弱：k 条记录最多付出 k 倍的 ε',
    patientIsUnit: '在两个站点就诊的患者算作两位：合计最多付出两倍的 ε',
  },
}

const zhTW: PrivacyTexts = {
  privacy: '差分隱私：規劃雜訊，查看一次執行的代價',
  plan: '給定輪數所需的雜訊',
  report: '一次執行讓每個站點付出多少，誰能看到什麼，依據哪些假設',
  ledger: '一個站點在所有執行中已付出多少，依其節點自己的帳本',
  folder: '節點的資料夾',
  noLedger: (folder) => `${folder} 中沒有任何隱私輪次記帳`,
  overAllRuns: (epsilon, delta, charges, most) =>
    `所有執行合計：ε = ${epsilon}（δ = ${delta}）${most === undefined ? '' : `，預算 ${most}`}，記帳 ${charges} 次`,
  run: '執行的名稱、名稱開頭，或 last',
  epsilon: '所有輪次合計的上限',
  delta: '承諾之外的機率，應遠小於單位數的倒數',
  rounds: '發布次數：輪數，或 DP-SGD 的步數',
  poisson: '每個單位以此機率參與，且須保密（預設：全部參與）',
  accountant: '隱私核算方法：rdp；或 pld，更緊但更慢',
  notANumber: (option, text) => `${option}：應為範圍內的數，得到 ${text}`,
  multiplier: (multiplier, perClip) => `雜訊倍數 ${multiplier}（標準差為裁剪界的 ${perClip} 倍）`,
  costs: (epsilon, delta, rounds, accountant) => `${rounds} 輪後 ε = ${epsilon}（δ = ${delta}），按 ${accountant} 計算`,
  after: (round, epsilon) => `第 ${round} 輪後：ε = ${epsilon}`,
  secretSample: '僅當除抽樣者外無人知道誰參與時成立',
  noBudget: '沒有差分隱私：不存在有限的 ε；模型可能記住個別病人',
  spent: (epsilon, delta, budget) => `入選最多的站點已用：ε = ${epsilon}（δ = ${delta}），預算 ${budget}`,
  unit: {
    site: '單位：一個站點的全部資料；兩個資料集相差一個站點的有無（本地加噪時：相差該站點的全部資料）',
    record: '單位：一筆紀錄；兩個資料集相差一筆紀錄的有無',
    patient: '單位：一位病人在一個站點的全部紀錄；兩個資料集相差一位病人的有無',
  },
  stopped: (round) => `在第 ${round} 輪後停止：再一輪將超出預算`,
  bySite: (site, charges, epsilon) => `${site}：記帳 ${charges} 次，ε = ${epsilon}`,
  whoSees: '誰看到了站點訓練的什麼',
  seen: (observer, sight) => `${observer}：${sight}`,
  assumed: '以上依據',
  observers: { coordinator: '協調方', sites: '其他站點', modelHolders: '持有模型者', network: '網路竊聽者' },
  sights: {
    eachUpdate: '每個站點的更新，知道來自誰',
    eachClippedUpdate: '每個站點裁剪後的更新，知道來自誰',
    eachNoisedUpdate: '每個站點已自行加噪的更新，知道來自誰',
    sum: '僅更新之和',
    noisedSum: '僅加噪後的更新之和',
    models: '各輪模型',
    noisedModels: '各輪加噪模型',
    model: '最終模型',
    noisedModel: '加噪的最終模型',
    nothing: '傳輸加密（TLS）時看不到任何內容；未加密時可看到全部',
  },
  assumptions: {
    statisticsExact: '第 0 輪的欄統計量（計數、平均、變異數、類別、最小和最大值）未加噪，不計入 ε',
    statisticsPublic: '各欄的取值範圍和類別是事先宣告的，並非從資料中查得：第 0 輪沒有詢問任何站點',
    statisticsNoised: '第 0 輪的欄統計量帶有雜訊，作為第一筆計入 ε；取值範圍和類別是事先宣告的',
    measuresExact: '測試集指標按原值公布，不計入 ε',
    cohortsPublic: '參與者名單公開：未計抽樣帶來的增益',
    coordinatorAddsNoise: '由協調方加噪，且不洩露未加噪的平均',
    sitesAddNoise: '至少有（法定數減去合謀數）個站點加入了各自的雜訊份額',
    keysOwn: '各站點的金鑰確為其本人所有：聯盟中由持證站點簽名，單一程序內不簽名',
    fewAccomplices: '向協調方洩密的站點數低於門檻',
    fewAccomplicesNear: '向協調方洩密的站點不超過上述比例，且在本輪金鑰產生之前就已確定：各站點的鄰居由這些金鑰抽出',
    dealerForgot: 'Paillier 金鑰的分發者沒有留存金鑰：此處即所有站點所在的同一行程',
    siteIsUnit: '同一站點內某位病人的資料作為該站點的一部分受到保護',
    recordIsUnit: '有多筆紀錄的病人保護較弱：k 筆紀錄最多付出 k 倍的 ε',
    patientIsUnit: '在兩個站點就診的病人算作兩位：合計最多付出兩倍的 ε',
    sitesAddOwnNoise: '每個站點都加入了保護自己的雜訊',
    samplesSecret: '每一步抽到哪些紀錄不出站點，且每筆紀錄隨機獨立抽取',
    rowsPublic: '各站點的資料筆數是公開的',
  },
}

/** By language; complete by type. */
export const privacyTexts: Readonly<Record<Language, PrivacyTexts>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW }
