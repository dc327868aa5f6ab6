// What the attack self-test says, in three languages: in its report and on the terminal.
import type { Language } from '../words.ts'
import type { Attacked, View } from './attack.ts'

/** Texts of the report. */
export interface AttackTexts {
  readonly locale: string
  readonly title: (task: string, run: string) => string
  readonly care: string
  readonly inversion: string
  readonly inversionNote: (how: 'division' | 'matching') => string
  readonly omitted: Readonly<Record<'features' | 'number', string>>
  readonly views: Readonly<Record<View, string>>
  readonly noise: (epsilon: string, delta: string, multiplier: string, clip: string) => string
  readonly own: (view: string) => string
  readonly updates: (sites: number, closest: string, mean: string) => string
  readonly original: string
  readonly site: string
  readonly correlation: string
  readonly recognised: (count: number, rows: number) => string
  readonly membership: string
  readonly membershipNote: (members: number, others: number, shadows: number) => string
  readonly model: string
  readonly models: Readonly<Record<Attacked['name'], string>>
  readonly byLoss: string
  readonly byReference: string
  readonly masks: string
  readonly notClinical: string
}

const en: AttackTexts = {
  locale: 'en',
  title: (task, run) => `Attack self-test: ${task}, run ${run}`,
  care: 'This page shows training rows. Keep it where the data may be. Attack only runs whose data are yours to see.',
  inversion: 'Gradient inversion: a row from the update that it made',
  inversionNote: (how) =>
    `The worst case: a site sends the update of one step on one row, before the first round. ${
      how === 'division'
        ? 'The first layer is dense, so the row is a quotient of two gradients.'
        : 'An input is moved until its gradient points where the update points.'
    } Correlation with the true row: 1 is the row itself, above 0.9 counts as recognised.`,
  omitted: {
    features: 'Not tried: the model stands on a frozen network, so an update tells of its features and not of the rows.',
    number: 'Not tried: this model needs the label for matching, and the gradient of a number does not tell it.',
  },
  views: { plain: 'sum: plain', sum: 'masked or encrypted: the sum of all sites', noised: 'clipped, with noise' },
  noise: (epsilon, delta, multiplier, clip) => `noise for ε = ${epsilon} at δ = ${delta}: multiplier ${multiplier}, clipped at ${clip}`,
  own: (view) => `this run’s coordinator had: ${view}`,
  updates: (sites, closest, mean) =>
    `whole updates of round 1 of ${sites} sites, in the clear: at best ${closest} with one of the site’s rows (the mean of its rows, no attack at all: ${mean})`,
  original: 'the row',
  site: 'site',
  correlation: 'mean correlation',
  recognised: (count, rows) => `${count} of ${rows} rows recognised`,
  membership: 'Membership inference: was a row trained on?',
  membershipNote: (members, others, shadows) =>
    `${members} training rows against ${others} test rows. Area under the ROC curve, with its interval of 95 %: 0.5 is a blind guess, 1 is certainty. By reference: likelihood ratio over ${shadows} shadow models.`,
  model: 'model',
  models: { run: 'this run', twin: 'its twin' },
  byLoss: 'by loss',
  byReference: 'by reference',
  masks: 'Masks and encryption hide updates, not the model: against membership only noise helps.',
  notClinical:
    'Research software. Not for clinical use. An attack that fails here proves nothing about better ones; one that succeeds does.',
}

const zhCN: AttackTexts = {
  locale: 'zh-CN',
  title: (task, run) => `攻击自测：${task}，运行 ${run}`,
  care: '本页显示训练数据行，请只保存在允许存放数据的地方。只可攻击您有权查看其数据的运行。',
  inversion: '梯度反演：从更新还原产生它的数据行',
  inversionNote: (how) =>
    `最坏情形：站点在第一轮之前，发送仅一行数据、一步训练的更新。${
      how === 'division' ? '首层为全连接层，因此数据行就是两个梯度之商。' : '移动输入，直到其梯度与更新的方向一致。'
    }与真实数据行的相关系数：1 即原行，高于 0.9 视为可辨认。`,
  omitted: {
    features: '未尝试：模型建立在冻结网络之上，更新只透露其特征，而非数据行。',
    number: '未尝试：此模型的匹配需要标签，而数值的梯度不会透露标签。',
  },
  views: { plain: 'sum: plain（明文）', sum: '掩码或加密：所有站点之和', noised: '裁剪并加噪' },
  noise: (epsilon, delta, multiplier, clip) => `噪声对应 ε = ${epsilon}（δ = ${delta}）：倍数 ${multiplier}，裁剪界 ${clip}`,
  own: (view) => `本次运行的协调方看到的是：${view}`,
  updates: (sites, closest, mean) =>
    `${sites} 个站点第 1 轮的完整更新（明文）：与本站点某一行的相关系数最高 ${closest}（仅取各行均值、不作攻击：${mean}）`,
  original: '原数据行',
  site: '站点',
  correlation: '平均相关系数',
  recognised: (count, rows) => `${rows} 行中可辨认 ${count} 行`,
  membership: '成员推断：某行是否参与了训练？',
  membershipNote: (members, others, shadows) =>
    `${members} 行训练数据对 ${others} 行测试数据。ROC 曲线下面积及其 95% 区间：0.5 为盲猜，1 为确知。参照法：基于 ${shadows} 个影子模型的似然比。`,
  model: '模型',
  models: { run: '本次运行', twin: '对照运行' },
  byLoss: '按损失',
  byReference: '参照法',
  masks: '掩码与加密隐藏的是更新，而非模型：对成员推断只有噪声有效。',
  notClinical: '研究软件，不用于临床。此处失败的攻击不能证明更强的攻击也会失败；成功的攻击则足以说明问题。',
}

const zhTW: AttackTexts = {
  locale: 'zh-TW',
  title: (task, run) => `攻擊自測：${task}，執行 ${run}`,
  care: '本頁顯示訓練資料列，請只儲存在允許存放資料的地方。只可攻擊您有權查看其資料的執行。',
  inversion: '梯度反演：從更新還原產生它的資料列',
  inversionNote: (how) =>
    `最壞情形：站點在第一輪之前，傳送僅一列資料、一步訓練的更新。${
      how === 'division' ? '首層為全連接層，因此資料列就是兩個梯度之商。' : '移動輸入，直到其梯度與更新的方向一致。'
    }與真實資料列的相關係數：1 即原列，高於 0.9 視為可辨認。`,
  omitted: {
    features: '未嘗試：模型建立在凍結網路之上，更新只透露其特徵，而非資料列。',
    number: '未嘗試：此模型的匹配需要標籤，而數值的梯度不會透露標籤。',
  },
  views: { plain: 'sum: plain（明文）', sum: '遮罩或加密：所有站點之和', noised: '裁剪並加噪' },
  noise: (epsilon, delta, multiplier, clip) => `雜訊對應 ε = ${epsilon}（δ = ${delta}）：倍數 ${multiplier}，裁剪界 ${clip}`,
  own: (view) => `本次執行的協調方看到的是：${view}`,
  updates: (sites, closest, mean) =>
    `${sites} 個站點第 1 輪的完整更新（明文）：與本站點某一列的相關係數最高 ${closest}（僅取各列平均、不作攻擊：${mean}）`,
  original: '原資料列',
  site: '站點',
  correlation: '平均相關係數',
  recognised: (count, rows) => `${rows} 列中可辨認 ${count} 列`,
  membership: '成員推斷：某列是否參與了訓練？',
  membershipNote: (members, others, shadows) =>
    `${members} 列訓練資料對 ${others} 列測試資料。ROC 曲線下面積及其 95% 區間：0.5 為盲猜，1 為確知。參照法：基於 ${shadows} 個影子模型的概似比。`,
  model: '模型',
  models: { run: '本次執行', twin: '對照執行' },
  byLoss: '按損失',
  byReference: '參照法',
  masks: '遮罩與加密隱藏的是更新，而非模型：對成員推斷只有雜訊有效。',
  notClinical: '研究軟體，不用於臨床。此處失敗的攻擊不能證明更強的攻擊也會失敗；成功的攻擊則足以說明問題。',
}

/** By language; complete by type. */
export const attackTexts: Readonly<Record<Language, AttackTexts>> = { en, 'zh-CN': zhCN, 'zh-TW': zhTW }
