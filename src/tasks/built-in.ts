// The tasks that come with Yimeng. Their figures are in docs and bench; sources in the data sets' descriptions.
import { loadDataset } from '../data/node.ts'
import { adrenal, brainTumour, digits, mnist, pneumonia } from './image-tasks.ts'
import type { Task } from './task.ts'
import { turbofan } from './turbofan.ts'

/** Breast Cancer Wisconsin (Diagnostic): 569 women, 30 measurements of cell nuclei, five hospitals of unlike sizes and case mixes. */
const breastCancer: Task = {
  name: 'breast-cancer',
  title: { en: 'Breast cancer, five hospitals', 'zh-CN': '乳腺癌，五家医院', 'zh-TW': '乳癌，五家醫院' },
  about: {
    en: 'Malignant or benign, from 30 measurements of cell nuclei; rows dealt over five simulated hospitals of unlike sizes and case mixes.',
    'zh-CN': '根据细胞核的 30 项测量判断肿瘤良恶性；数据按不同规模和病例构成分配给五家模拟医院。',
    'zh-TW': '根據細胞核的 30 項測量判斷腫瘤良惡性；資料按不同規模和病例組成分配給五家模擬醫院。',
  },
  defaults: {
    partition: { kind: 'classDirichlet', sites: 5, alpha: 1, minimumRows: 20 },
    split: { kind: 'random', testShare: 0.2 },
    model: { kind: 'mlp', hidden: [32] },
    local: { epochs: 2, batch: 16, optimiser: { name: 'sgd', learningRate: 0.1, momentum: 0.9 } },
    rounds: 20,
  },
  load: () => loadDataset('breast-cancer'),
}

/** Fed-Heart-Disease (Ogier du Terrail et al. 2022): the split, the inputs and the model of FLamby, with standardisation over all sites instead of within each. */
const heartDisease: Task = {
  name: 'heart-disease',
  title: { en: 'Heart disease, four real hospitals', 'zh-CN': '心脏病，四家真实医院', 'zh-TW': '心臟病，四家真實醫院' },
  about: {
    en: 'Heart disease or not, from 10 findings of patients in Cleveland, Hungary, Switzerland and Long Beach; the split of the FLamby benchmark.',
    'zh-CN': '根据克利夫兰、匈牙利、瑞士和长滩患者的 10 项检查判断是否患心脏病；采用 FLamby 基准的划分。',
    'zh-TW': '根據克里夫蘭、匈牙利、瑞士和長灘病患的 10 項檢查判斷是否患心臟病；採用 FLamby 基準的劃分。',
  },
  defaults: {
    partition: { kind: 'natural' },
    split: { kind: 'given' },
    preprocessing: { numeric: 'standardise', oneHot: 'standardise', dropFirst: true },
    model: { kind: 'logistic' },
    local: { epochs: 1, batch: 16, optimiser: { name: 'sgd', learningRate: 0.05 } },
    rounds: 30,
  },
  load: () => loadDataset('heart-disease'),
}

/** Fisher's iris: ten clients, five a round. */
const iris: Task = {
  name: 'iris',
  title: { en: 'Iris, ten clients', 'zh-CN': '鸢尾花，十个客户端', 'zh-TW': '鳶尾花，十個用戶端' },
  about: {
    en: 'Three kinds of iris from four lengths; 150 flowers over ten clients, five of which train in each round.',
    'zh-CN': '由四项长度区分三种鸢尾花；150 朵花分给十个客户端，每轮五个参与训练。',
    'zh-TW': '由四項長度區分三種鳶尾花；150 朵花分給十個用戶端，每輪五個參與訓練。',
  },
  defaults: {
    partition: { kind: 'iid', sites: 10 },
    split: { kind: 'random', testShare: 0.2 },
    model: { kind: 'mlp', hidden: [3] },
    local: { epochs: 3, batch: 10, optimiser: { name: 'sgd', learningRate: 0.2 } },
    cohort: { size: 5 },
    rounds: 60,
  },
  load: () => loadDataset('iris'),
}

/** Iris at three sites that hold one class each: alone, a site can only learn its own. */
const irisSingleClass: Task = {
  ...iris,
  name: 'iris-single-class',
  title: { en: 'Iris, three sites of one class each', 'zh-CN': '鸢尾花，三个单类别站点', 'zh-TW': '鳶尾花，三個單類別站點' },
  about: {
    en: 'Three kinds of iris, one at each site: nobody can tell them apart alone.',
    'zh-CN': '三种鸢尾花，每个站点只有一种：任何一方都无法独自区分。',
    'zh-TW': '三種鳶尾花，每個站點只有一種：任何一方都無法獨自區分。',
  },
  defaults: {
    partition: { kind: 'missingClasses', sites: 3, classesPerSite: 1 },
    split: { kind: 'random', testShare: 0.2 },
    model: { kind: 'mlp', hidden: [3] },
    local: { epochs: 1, batch: 10, optimiser: { name: 'sgd', learningRate: 0.2 } },
    rounds: 100,
  },
}

/** All tasks with a name, in the order in which lists show them. */
export const builtInTasks: readonly Task[] = [
  breastCancer,
  heartDisease,
  iris,
  irisSingleClass,
  digits,
  mnist,
  pneumonia,
  adrenal,
  brainTumour,
  turbofan,
]
