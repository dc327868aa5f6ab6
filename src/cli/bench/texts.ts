// What `yimeng bench` says, in three languages.
import type { Language } from '../../judge/words.ts'

/** Texts of the commands. */
export interface BenchTexts {
  readonly bench: string
  readonly engine: string
  readonly only: string
  readonly rounds: string
  readonly sessions: string
  readonly python: string
  readonly tfjs: string
  readonly noWorkload: (name: string, known: string) => string
  readonly notACount: (option: string, text: string) => string
  readonly noTorch: (python: string) => string
  readonly noTfjs: (folder: string) => string
  readonly tfjsNotAsked: string
  /** Workload, our samples a second and memory, PyTorch's, the ratio, TensorFlow.js. */
  readonly head: readonly string[]
  readonly measured: (rounds: number, sessions: number, torch: string, node: string) => string
  readonly explained: string
}

export const benchTexts: Readonly<Record<Language, BenchTexts>> = {
  en: {
    bench: 'measure parts of Yimeng against others, on this machine',
    engine: 'training steps against PyTorch on the CPU and TensorFlow.js, in turns',
    only: 'workloads, with commas (default: all)',
    rounds: 'measurements of each, of which the median counts',
    sessions: 'sessions of one thread each, against as many processes of PyTorch',
    python: 'Python that has torch',
    tfjs: 'folder that @tensorflow/tfjs is installed in',
    noWorkload: (name, known) => `--only: expected workloads among ${known}, got ${name}`,
    notACount: (option, text) => `${option}: a whole number from 1, got ${text}`,
    noTorch: (python) => `NOT COMPARED with PyTorch: ${python} does not run, or has no torch (--python names another)`,
    noTfjs: (folder) => `NOT COMPARED with TensorFlow.js: no @tensorflow/tfjs in ${folder}`,
    tfjsNotAsked: 'NOT COMPARED with TensorFlow.js: --tfjs names the folder that it is installed in',
    head: ['Workload', 'Ours /s', 'PyTorch /s', 'Ratio', 'Ratio of CPU', 'Ours MB', 'PyTorch MB', 'TF.js /s', 'Ratio'],
    measured: (rounds, sessions, torch, node) =>
      `samples a second, median of ${rounds} rounds, ${sessions} × 1 thread; PyTorch ${torch}, Node ${node}`,
    explained: 'ratios are ours over theirs: above 1 ours is faster; MB is the peak of all processes',
  },
  'zh-CN': {
    bench: '在本机上与其他软件比较速度',
    engine: '训练步数与 PyTorch（CPU）和 TensorFlow.js 轮流比较',
    only: '工作负载，用逗号分隔（默认：全部）',
    rounds: '每项测量次数，取中位数',
    sessions: '会话数，每个一个线程；对应同样多的 PyTorch 进程',
    python: '装有 torch 的 Python',
    tfjs: '装有 @tensorflow/tfjs 的文件夹',
    noWorkload: (name, known) => `--only：应为 ${known} 之一，得到 ${name}`,
    notACount: (option, text) => `${option}：应为不小于 1 的整数，得到 ${text}`,
    noTorch: (python) => `未与 PyTorch 比较：${python} 无法运行或没有 torch（用 --python 指定另一个）`,
    noTfjs: (folder) => `未与 TensorFlow.js 比较：${folder} 中没有 @tensorflow/tfjs`,
    tfjsNotAsked: '未与 TensorFlow.js 比较：用 --tfjs 指定其安装文件夹',
    head: ['工作负载', '本软件 /秒', 'PyTorch /秒', '比值', 'CPU 比值', '本软件 MB', 'PyTorch MB', 'TF.js /秒', '比值'],
    measured: (rounds, sessions, torch, node) =>
      `每秒样本数，${rounds} 次测量的中位数，${sessions} × 1 线程；PyTorch ${torch}，Node ${node}`,
    explained: '比值为本软件除以对方：大于 1 表示本软件更快；MB 为所有进程的内存峰值',
  },
  'zh-TW': {
    bench: '在本機上與其他軟體比較速度',
    engine: '訓練步數與 PyTorch（CPU）和 TensorFlow.js 輪流比較',
    only: '工作負載，以逗號分隔（預設：全部）',
    rounds: '每項測量次數，取中位數',
    sessions: '工作階段數，每個一個執行緒；對應同樣多的 PyTorch 行程',
    python: '裝有 torch 的 Python',
    tfjs: '裝有 @tensorflow/tfjs 的資料夾',
    noWorkload: (name, known) => `--only：應為 ${known} 之一，得到 ${name}`,
    notACount: (option, text) => `${option}：應為不小於 1 的整數，得到 ${text}`,
    noTorch: (python) => `未與 PyTorch 比較：${python} 無法執行或沒有 torch（以 --python 指定另一個）`,
    noTfjs: (folder) => `未與 TensorFlow.js 比較：${folder} 中沒有 @tensorflow/tfjs`,
    tfjsNotAsked: '未與 TensorFlow.js 比較：以 --tfjs 指定其安裝資料夾',
    head: ['工作負載', '本軟體 /秒', 'PyTorch /秒', '比值', 'CPU 比值', '本軟體 MB', 'PyTorch MB', 'TF.js /秒', '比值'],
    measured: (rounds, sessions, torch, node) =>
      `每秒樣本數，${rounds} 次測量的中位數，${sessions} × 1 執行緒；PyTorch ${torch}，Node ${node}`,
    explained: '比值為本軟體除以對方：大於 1 表示本軟體較快；MB 為所有行程的記憶體峰值',
  },
}
