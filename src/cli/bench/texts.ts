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
  readonly notACount: (option: string, text: string, least: 0 | 1) => string
  readonly noTorch: (python: string) => string
  readonly noTfjs: (folder: string) => string
  readonly tfjsNotAsked: string
  /** Workload, our samples a second and memory, PyTorch's, the ratio, TensorFlow.js. */
  readonly head: readonly string[]
  readonly measured: (rounds: number, sessions: number, torch: string, node: string) => string
  readonly explained: string
  readonly simulate: string
  readonly clients: string
  readonly simulatedRounds: string
  readonly cnn: string
  readonly cnnRounds: string
  readonly flowerPython: string
  readonly flowerRounds: string
  readonly simulatedLine: (model: string, clients: number, seconds: string) => string
  readonly noFlower: (python: string, why: string) => string
  /** Network, clients, rounds, seconds, seconds before the first round, ms a round, rounds a second, peak MB, accuracy. */
  readonly simulateHead: readonly string[]
  readonly besideFlower: (version: string, clients: number, rounds: number, seconds: string, times: string) => string
  readonly besidePublished: (name: string, seconds: number, times: string) => string
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
    notACount: (option, text, least) => `${option}: a whole number from ${least}, got ${text}`,
    noTorch: (python) => `NOT COMPARED with PyTorch: ${python} does not run, or has no torch (--python names another)`,
    noTfjs: (folder) => `NOT COMPARED with TensorFlow.js: no @tensorflow/tfjs in ${folder}`,
    tfjsNotAsked: 'NOT COMPARED with TensorFlow.js: --tfjs names the folder that it is installed in',
    head: ['Workload', 'Ours /s', 'PyTorch /s', 'Ratio', 'Ratio of CPU', 'Ours MB', 'PyTorch MB', 'TF.js /s', 'Ratio'],
    measured: (rounds, sessions, torch, node) =>
      `samples a second, median of ${rounds} rounds, ${sessions} × 1 thread; PyTorch ${torch}, Node ${node}`,
    explained: 'ratios are ours over theirs: above 1 ours is faster; MB is the peak of all processes',
    simulate: 'many virtual clients on this machine (MNIST, ten of them a round), against Flower’s simulation',
    clients: 'numbers of registered clients, with commas, for logistic regression',
    simulatedRounds: 'rounds of logistic regression',
    cnn: 'clients of McMahan’s CNN; 0: without',
    cnnRounds: 'its rounds',
    flowerPython: 'Python that has flwr[simulation]',
    flowerRounds: 'rounds of Flower; 0: without',
    simulatedLine: (model, clients, seconds) => `${model}, ${clients} clients: ${seconds} s`,
    noFlower: (python, why) => `NOT COMPARED with Flower: ${python} cannot simulate with it (${why})`,
    simulateHead: ['Network', 'Clients', 'Rounds', 'Seconds', 'Before the first', 'ms a round', 'Rounds /s', 'Peak MB', 'Accuracy'],
    besideFlower: (version, clients, rounds, seconds, times) =>
      `Flower ${version}, ${clients} clients, ${rounds} rounds: ${seconds} s; ${times} × our time a round, starting up included on both sides`,
    besidePublished: (name, seconds, times) => `published: ${name} ${seconds} s, ${times} × ours (another machine)`,
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
    notACount: (option, text, least) => `${option}：应为不小于 ${least} 的整数，得到 ${text}`,
    noTorch: (python) => `未与 PyTorch 比较：${python} 无法运行或没有 torch（用 --python 指定另一个）`,
    noTfjs: (folder) => `未与 TensorFlow.js 比较：${folder} 中没有 @tensorflow/tfjs`,
    tfjsNotAsked: '未与 TensorFlow.js 比较：用 --tfjs 指定其安装文件夹',
    head: ['工作负载', '本软件 /秒', 'PyTorch /秒', '比值', 'CPU 比值', '本软件 MB', 'PyTorch MB', 'TF.js /秒', '比值'],
    measured: (rounds, sessions, torch, node) =>
      `每秒样本数，${rounds} 次测量的中位数，${sessions} × 1 线程；PyTorch ${torch}，Node ${node}`,
    explained: '比值为本软件除以对方：大于 1 表示本软件更快；MB 为所有进程的内存峰值',
    simulate: '在本机模拟大量虚拟客户端（MNIST，每轮十个），并与 Flower 的模拟比较',
    clients: '逻辑回归的注册客户端个数，用逗号分隔',
    simulatedRounds: '逻辑回归的轮数',
    cnn: 'McMahan 卷积网络的客户端个数；0 表示不测',
    cnnRounds: '其轮数',
    flowerPython: '装有 flwr[simulation] 的 Python',
    flowerRounds: 'Flower 的轮数；0 表示不测',
    simulatedLine: (model, clients, seconds) => `${model}，${clients} 个客户端：${seconds} 秒`,
    noFlower: (python, why) => `未与 Flower 比较：${python} 无法用它模拟（${why}）`,
    simulateHead: ['网络', '客户端', '轮数', '秒', '首轮之前', '每轮毫秒', '轮/秒', '峰值 MB', '准确率'],
    besideFlower: (version, clients, rounds, seconds, times) =>
      `Flower ${version}，${clients} 个客户端，${rounds} 轮：${seconds} 秒；每轮用时为本软件的 ${times} 倍（双方均含启动时间）`,
    besidePublished: (name, seconds, times) => `已发表：${name} ${seconds} 秒，为本软件的 ${times} 倍（另一台机器）`,
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
    notACount: (option, text, least) => `${option}：應為不小於 ${least} 的整數，得到 ${text}`,
    noTorch: (python) => `未與 PyTorch 比較：${python} 無法執行或沒有 torch（以 --python 指定另一個）`,
    noTfjs: (folder) => `未與 TensorFlow.js 比較：${folder} 中沒有 @tensorflow/tfjs`,
    tfjsNotAsked: '未與 TensorFlow.js 比較：以 --tfjs 指定其安裝資料夾',
    head: ['工作負載', '本軟體 /秒', 'PyTorch /秒', '比值', 'CPU 比值', '本軟體 MB', 'PyTorch MB', 'TF.js /秒', '比值'],
    measured: (rounds, sessions, torch, node) =>
      `每秒樣本數，${rounds} 次測量的中位數，${sessions} × 1 執行緒；PyTorch ${torch}，Node ${node}`,
    explained: '比值為本軟體除以對方：大於 1 表示本軟體較快；MB 為所有行程的記憶體峰值',
    simulate: '在本機模擬大量虛擬用戶端（MNIST，每輪十個），並與 Flower 的模擬比較',
    clients: '邏輯迴歸的註冊用戶端個數，以逗號分隔',
    simulatedRounds: '邏輯迴歸的輪數',
    cnn: 'McMahan 卷積網路的用戶端個數；0 表示不測',
    cnnRounds: '其輪數',
    flowerPython: '裝有 flwr[simulation] 的 Python',
    flowerRounds: 'Flower 的輪數；0 表示不測',
    simulatedLine: (model, clients, seconds) => `${model}，${clients} 個用戶端：${seconds} 秒`,
    noFlower: (python, why) => `未與 Flower 比較：${python} 無法用它模擬（${why}）`,
    simulateHead: ['網路', '用戶端', '輪數', '秒', '首輪之前', '每輪毫秒', '輪/秒', '峰值 MB', '準確率'],
    besideFlower: (version, clients, rounds, seconds, times) =>
      `Flower ${version}，${clients} 個用戶端，${rounds} 輪：${seconds} 秒；每輪用時為本軟體的 ${times} 倍（雙方均含啟動時間）`,
    besidePublished: (name, seconds, times) => `已發表：${name} ${seconds} 秒，為本軟體的 ${times} 倍（另一台機器）`,
  },
}
