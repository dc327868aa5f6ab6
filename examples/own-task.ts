// A task of your own: any table that you can read, with the run that suits it.
import { csvText, readTable, run, type Task } from '../src/index.ts' // in your project: from 'yimeng'

// blood pressure and age of 90 patients of three hospitals; the ill ones are older and have a higher pressure
const rows = Array.from({ length: 90 }, (_, i) => {
  const ill = i % 3 === 0
  return `${40 + ((i * 7) % 25) + (ill ? 15 : 0)},${110 + ((i * 11) % 30) + (ill ? 25 : 0)},${['north', 'south', 'east'][(i % 7) % 3]},${ill ? 'yes' : 'no'}`
})
const table = csvText('pressure.csv', ['age,pressure,hospital,ill', ...rows].join('\n'))

const task: Task = {
  name: 'pressure',
  title: { en: 'Blood pressure', 'zh-CN': '血压', 'zh-TW': '血壓' },
  about: { en: 'Ill or not, from age and pressure.', 'zh-CN': '由年龄和血压判断是否患病。', 'zh-TW': '由年齡和血壓判斷是否患病。' },
  defaults: { model: { kind: 'logistic' }, rounds: 20 },
  load: () =>
    readTable(table, {
      features: ['age', 'pressure'].map((name) => ({ kind: 'numeric', name }) as const),
      label: { kind: 'categorical', name: 'ill', levels: ['no', 'yes'] },
      site: 'hospital',
    }),
}

const { metrics, sites } = await run({ task: 'pressure' }, { home: null, task })
console.log(`${sites.map(({ site, trainRows }) => `${site} ${trainRows}`).join(', ')}: accuracy ${metrics['accuracy']?.toFixed(3)}`)
