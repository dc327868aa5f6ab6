// Tasks on pictures and volumes. Data come from YIMENG_DATA, or are downloaded with a checksum where there is a public original.
import { distanceImages, type ImageDataset, resizedImages } from '../data/index.ts'
import { loadImages } from '../data/node.ts'
import type { Task } from './task.ts'

/** Handwritten digits of 8 × 8 pixels (Alpaydin and Kaynak 1998). */
export const digits: Task = {
  name: 'digits',
  title: { en: 'Handwritten digits, ten clients', 'zh-CN': '手写数字，十个客户端', 'zh-TW': '手寫數字，十個用戶端' },
  about: {
    en: 'Ten digits from pictures of 8 × 8 pixels; 1797 pictures over ten clients with two shards of digits each.',
    'zh-CN': '由 8 × 8 像素的图片识别十个数字；1797 张图片按数字分成两片分给十个客户端。',
    'zh-TW': '由 8 × 8 像素的圖片辨識十個數字；1797 張圖片按數字分成兩片分給十個用戶端。',
  },
  defaults: {
    partition: { kind: 'labelShards', sites: 10, shardsPerSite: 2 },
    split: { kind: 'random', testShare: 0.2 },
    preprocessing: { numeric: 'range' },
    model: { kind: 'convnet', channels: [16, 32], hidden: 64 },
    // momentum at the server: each client has two digits of ten, and twice as many rounds of plain averages end lower
    strategy: { name: 'fedavgm', momentum: 0.7 },
    local: { epochs: 1, batch: 16, optimiser: { name: 'sgd', learningRate: 0.03, momentum: 0.9 } },
    rounds: 40,
    evaluate: { every: 4 },
  },
  load: () => loadImages('digits'),
}

/** MNIST as in McMahan et al. 2017: the IID line with E = 5, B = 10, C = 0.1 of their table 2; the falling rate and the moved pictures are ours. */
export const mnist: Task = {
  name: 'mnist',
  title: { en: 'MNIST, a hundred clients', 'zh-CN': 'MNIST 手写数字，一百个客户端', 'zh-TW': 'MNIST 手寫數字，一百個用戶端' },
  about: {
    en: 'Ten digits from pictures of 28 × 28 pixels; 60,000 pictures over a hundred clients, ten of which train in each round (McMahan et al. 2017).',
    'zh-CN': '由 28 × 28 像素的图片识别十个数字；60,000 张图片分给一百个客户端，每轮十个参与训练（McMahan 等，2017）。',
    'zh-TW': '由 28 × 28 像素的圖片辨識十個數字；60,000 張圖片分給一百個用戶端，每輪十個參與訓練（McMahan 等，2017）。',
  },
  defaults: {
    partition: { kind: 'iid', sites: 100 },
    split: { kind: 'given' },
    preprocessing: { numeric: 'range' },
    model: { kind: 'cnn' },
    // chosen on training rows that were set aside (docs/benchmarks.md): unmoved, five epochs learn 600 pictures by heart
    local: {
      epochs: 5,
      batch: 10,
      optimiser: { name: 'sgd', learningRate: 0.2 },
      schedule: { kind: 'cosine', rounds: 20 },
      augment: [
        { kind: 'shift', share: 0.07 },
        { kind: 'rotate', degrees: 8 },
      ],
    },
    cohort: { fraction: 0.1, deadlineSeconds: 600 },
    rounds: 20,
  },
  load: () => loadImages('mnist'),
}

/** PneumoniaMNIST (Yang et al. 2023) over five sites of unlike class mixes and sizes. */
export const pneumonia: Task = {
  name: 'pneumonia',
  title: { en: 'Pneumonia in chest X-rays, five hospitals', 'zh-CN': '胸片肺炎识别，五家医院', 'zh-TW': '胸部 X 光肺炎辨識，五家醫院' },
  about: {
    en: 'Pneumonia or not, from chest X-rays of children of 28 × 28 pixels; dealt over five simulated hospitals of unlike case mixes.',
    'zh-CN': '根据 28 × 28 像素的儿童胸片判断是否患肺炎；按不同病例构成分配给五家模拟医院。',
    'zh-TW': '根據 28 × 28 像素的兒童胸部 X 光判斷是否患肺炎；按不同病例組成分配給五家模擬醫院。',
  },
  defaults: {
    partition: { kind: 'classDirichlet', sites: 5, alpha: 0.5, minimumRows: 20 },
    split: { kind: 'given' },
    preprocessing: { numeric: 'standardise' },
    model: { kind: 'convnet', channels: [16, 32, 64], hidden: 0, norm: 'group', pool: 'average' },
    local: { epochs: 1, batch: 32, optimiser: { name: 'sgd', learningRate: 0.05, momentum: 0.9 } },
    cohort: { deadlineSeconds: 600 },
    rounds: 20,
  },
  load: () => loadImages('pneumonia'),
}

/** AdrenalMNIST3D (Yang et al. 2023) over five sites of unlike class mixes and sizes. */
export const adrenal: Task = {
  name: 'adrenal-3d',
  title: {
    en: 'Adrenal glands in three dimensions, five hospitals',
    'zh-CN': '三维肾上腺形态，五家医院',
    'zh-TW': '三維腎上腺形態，五家醫院',
  },
  about: {
    en: 'Enlarged or not, from shapes of adrenal glands of 28 × 28 × 28 voxels; dealt over five simulated hospitals of unlike case mixes.',
    'zh-CN': '根据 28 × 28 × 28 体素的肾上腺形态判断是否增生；按不同病例构成分配给五家模拟医院。',
    'zh-TW': '根據 28 × 28 × 28 體素的腎上腺形態判斷是否增生；按不同病例組成分配給五家模擬醫院。',
  },
  defaults: {
    partition: { kind: 'classDirichlet', sites: 5, alpha: 0.5, minimumRows: 20 },
    split: { kind: 'given' },
    preprocessing: { numeric: 'standardise' },
    // no norm: how much of a volume is gland matters, and a norm would take it away
    model: { kind: 'convnet', channels: [32], kernel: 5, hidden: 64, dropout: 0.5 },
    // one site may have two thirds of the rows and one class. With one step the mean update is the gradient over all rows, however they are dealt, and the server's
    // optimiser trains as if they lay in one place; tau is small beside a difference of one step (docs/benchmarks.md)
    strategy: { name: 'fedadam', learningRate: 0.005, tau: 3e-7, schedule: { kind: 'cosine', rounds: 400, warmUp: 20 } },
    local: { steps: 1, batch: 16, optimiser: { name: 'sgd', learningRate: 0.03 }, augment: [{ kind: 'flip' }] },
    cohort: { deadlineSeconds: 600 },
    rounds: 400,
    evaluate: { every: 100 },
  },
  // thickness tells: distances to the surface, their squares and cubes at a quarter of the length say it, voxels do not (docs/benchmarks.md)
  load: async () => distanceImages(await loadImages('adrenal-3d'), [3, 7, 7, 7], 4),
}

/** Each hospital has one kind of tumour and a third of the pictures without; test rows go the same way. */
const byTumour = (dataset: ImageDataset): ImageDataset => {
  const names = dataset.schema.label.levels
  const healthy = names.findIndex((name) => name.startsWith('no'))
  const hospitals = names.filter((_, label) => label !== healthy).map((name) => `${name} hospital`)
  let seen = 0
  const sites = Array.from(dataset.labels, (label) => {
    if (label !== healthy) return `${names[label] ?? ''} hospital`
    seen += 1
    return hospitals[seen % hospitals.length] ?? ''
  })
  return { ...dataset, sites }
}

/** Brain MRI in four classes at three hospitals that have never seen two of them; each picture once, judged on fold 0. */
export const brainTumour: Task = {
  name: 'brain-tumour',
  title: {
    en: 'Brain tumours, three hospitals of one kind each',
    'zh-CN': '脑肿瘤，三家各见一类的医院',
    'zh-TW': '腦瘤，三家各見一類的醫院',
  },
  about: {
    en: 'Which of three brain tumours a slice of MRI shows, or none; each of three hospitals has only seen one kind of tumour.',
    'zh-CN': '根据磁共振切片判断三种脑肿瘤或无肿瘤；三家医院各只见过一种肿瘤。',
    'zh-TW': '根據磁振造影切片判斷三種腦瘤或無腫瘤；三家醫院各只見過一種腫瘤。',
  },
  defaults: {
    partition: { kind: 'natural' },
    split: { kind: 'given' },
    preprocessing: { numeric: 'standardise' },
    model: { kind: 'convnet', channels: [16, 32, 64, 128], convolutions: 2, stride: 2, norm: 'group', hidden: 64, dropout: 0.3 },
    // with one step the mean update is the gradient over the rows of all hospitals, whatever each lacks, and Adam at the server trains as it would in one place. At a
    // site's rate of 1 the difference is the gradient; tau is small beside it (docs/benchmarks.md)
    strategy: { name: 'fedadam', learningRate: 0.0015, tau: 1e-7, schedule: { kind: 'cosine', rounds: 3960, warmUp: 50 } },
    local: {
      steps: 1,
      batch: 16,
      optimiser: { name: 'sgd', learningRate: 1 },
      augment: [
        { kind: 'flip' },
        { kind: 'rotate', degrees: 8 },
        { kind: 'shift', share: 0.05 },
        { kind: 'zoom', smallest: 0.92, largest: 1.08 },
      ],
    },
    cohort: { deadlineSeconds: 600 },
    rounds: 3960,
    evaluate: { every: 660 },
  },
  // nine sixteenths of the published pixels: on rows set aside as good as all of them, and a step takes half the time (docs/decisions/0015-few-local-steps.md)
  load: async () => byTumour(await resizedImages(await loadImages('brain-tumour'), [1, 96, 96])),
}
