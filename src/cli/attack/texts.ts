// What the command `attack` says beside its report, in three languages.
import type { Language } from '../../judge/words.ts'

/** Texts of the command. */
export interface AttackCommandTexts {
  readonly attack: string
  readonly run: string
  readonly rows: string
  readonly steps: string
  readonly shadows: string
  readonly epsilon: string
  readonly out: string
  readonly begins: (run: string) => string
  readonly report: (path: string) => string
  readonly notANumber: (option: string, text: string) => string
}

/** By language; complete by type. */
export const attackCommandTexts: Readonly<Record<Language, AttackCommandTexts>> = {
  en: {
    attack: 'attack a run of your own data: rebuild rows from updates, tell who was trained on, with and without protection',
    run: 'a run, its beginning, or last',
    rows: 'rows to rebuild (default: 6; 1 where it takes long)',
    steps: 'steps of matching where the first layer is no dense one (default: 60)',
    shadows: 'shadow models, an even number (default: 8)',
    epsilon: 'ε of the noise that is tried beside a run without any (default: 8)',
    out: 'folder for the report (default: attack/<run>)',
    begins: (run) => `Attacking run ${run}; this needs its rows, and its report shows some of them`,
    report: (path) => `Report with pictures, for your eyes: ${path}`,
    notANumber: (option, text) => `${option}: a number in range, got ${text}`,
  },
  'zh-CN': {
    attack: '攻击自己数据的运行：从更新还原数据行，判断谁参与了训练，并比较有无保护',
    run: '运行的名称、名称开头，或 last',
    rows: '要还原的行数（缺省：6；耗时较长时为 1）',
    steps: '首层不是全连接层时的匹配步数（缺省：60）',
    shadows: '影子模型个数，须为偶数（缺省：8）',
    epsilon: '运行没有噪声时，对照所用噪声的 ε（缺省：8）',
    out: '报告文件夹（缺省：attack/<运行>）',
    begins: (run) => `正在攻击运行 ${run}；需要其数据行，报告会显示其中几行`,
    report: (path) => `带图片的报告，仅供您本人查看：${path}`,
    notANumber: (option, text) => `${option}：应为范围内的数，得到 ${text}`,
  },
  'zh-TW': {
    attack: '攻擊自己資料的執行：從更新還原資料列，判斷誰參與了訓練，並比較有無保護',
    run: '執行的名稱、名稱開頭，或 last',
    rows: '要還原的列數（預設：6；耗時較長時為 1）',
    steps: '首層不是全連接層時的匹配步數（預設：60）',
    shadows: '影子模型個數，須為偶數（預設：8）',
    epsilon: '執行沒有雜訊時，對照所用雜訊的 ε（預設：8）',
    out: '報告資料夾（預設：attack/<執行>）',
    begins: (run) => `正在攻擊執行 ${run}；需要其資料列，報告會顯示其中幾列`,
    report: (path) => `帶圖片的報告，僅供您本人查看：${path}`,
    notANumber: (option, text) => `${option}：應為範圍內的數，得到 ${text}`,
  },
}
