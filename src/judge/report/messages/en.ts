// Texts of the report in English. Every other language has the same keys, by type.

/** Names of measures. */
const measures: Readonly<Record<string, string>> = {
  accuracy: 'Accuracy',
  auc: 'AUC',
  sensitivity: 'Sensitivity',
  specificity: 'Specificity',
  f1: 'F1',
  calibration: 'Calibration error',
  brier: 'Brier score',
  loss: 'Loss',
  rmse: 'RMSE',
  rmseUncapped: 'RMSE, label uncapped',
  mae: 'MAE',
  r2: 'R²',
}

const methods: Readonly<Record<string, string>> = {
  centralised: 'Centralised',
  alone: 'Each site alone',
  federated: 'Federated',
  nearest: 'Nearest neighbour',
}

export const en = {
  locale: 'en',
  measures,
  methods,
  title: (task: string) => `${task}: federated, centralised, alone`,
  methodsTitle: (task: string, count: number) => `${task}: ${count} methods compared`,
  subtitle: (sites: number, seeds: number, rounds: number) =>
    `${sites} ${sites === 1 ? 'site' : 'sites'} · ${seeds} ${seeds === 1 ? 'seed' : 'seeds'} · ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
  verdictAgainst: {
    centralised: 'compared with training on everything in one place',
    alone: 'compared with each site alone',
    nearest: 'compared with the nearest neighbour',
  },
  verdictAgainstMethod: (method: string) => `compared with ${method}`,
  verdict: (measure: string, method: string, difference: string, than: string, interval: string, p: string) =>
    `${method}: ${measure} ${difference} ${than} (95 % interval ${interval}, p ${p}).`,
  onAllRows: (rows: number) => `on ${rows} test rows of all sites`,
  transferred: 'Transferred',
  transferredNote: (up: string, down: string) => `${up} from the sites, ${down} to them, per run`,
  curves: 'Training curves',
  curvesNote:
    'Measured on all sites’ test rows; line: mean over seeds, band: ± one standard deviation. The baselines take as many gradient steps.',
  round: 'Round',
  bars: 'Site by site',
  barsNote: (measure: string) => `${measure} on each site’s own test rows, with 95 % intervals.`,
  allSites: 'All sites',
  table: 'All measures',
  tableNote:
    'Mean over seeds with 95 % interval: Wilson’s, from the number of test rows, for accuracy; Student’s, of the mean over seeds, for the others. “Each site alone”, on all test rows, is the mean over the sites’ models.',
  testRows: 'Test rows',
  trainRows: 'Training rows',
  site: 'Site',
  method: 'Method',
  sites: 'Sites',
  perClass: 'Training rows of each class',
  tests: 'Is the difference real?',
  testsNote: (corrected: boolean) =>
    `Paired t test over seeds${corrected ? ', corrected for the rows that the seeds’ splits share (Nadeau and Bengio)' : ' (the split is the same for all seeds: this speaks of the randomness of training only)'}; McNemar’s mid-p on the same test rows, first seed; p adjusted by Holm, in families: on all rows or by site, against the baselines or against the first federated method.`,
  comparison: 'Comparison',
  versus: (a: string, b: string) => `${a} − ${b}`,
  difference: 'Difference',
  pairedT: 'p (paired t)',
  signedRank: 'p (Wilcoxon)',
  mcnemar: 'McNemar (only first right : only second right)',
  adjusted: 'p adjusted',
  fairness: 'Fair to all sites?',
  fairnessNote: (measure: string) =>
    `${measure} on each site’s own test rows. Spread: standard deviation over the sites. Jain’s index: 1 where all sites fare alike.`,
  worst: 'Worst site',
  spread: 'Spread over sites',
  jain: 'Jain’s index',
  target: (measure: string, value: string) => `Until ${measure} ${value}`,
  targetNote: 'First measured round that reached the target on all test rows; mean over the seeds that did. Bytes: both ways, all sites.',
  toTargetRounds: 'Rounds',
  toTargetBytes: 'Bytes',
  toTargetSeeds: 'Seeds that reached it',
  crossSite: 'Whose model serves whom?',
  crossSiteNote: (method: string, measure: string) =>
    `${method}: ${measure} of the model of each site (row) on the test rows of each site (column), mean over seeds.`,
  contribution: 'Who contributed how much?',
  contributionNote: (method: string) =>
    `${method}, first seed: what each site added in each round, by the method that the spec names; beside the names, all rounds together. What a site took away hangs below the line.`,
  confusion: 'Confusion matrix',
  confusionNote: (method: string) => `${method}, all seeds together. Rows: true class; columns: predicted class.`,
  calibration: 'Calibration',
  calibrationNote: 'Stated probability against what came true; the dashed line is perfect. Larger dots: more rows.',
  stated: 'stated probability',
  observed: 'observed share',
  cost: 'Cost',
  steps: 'Gradient steps',
  seconds: 'Time per run',
  up: 'From sites',
  down: 'To sites',
  protection: 'How the data were protected',
  stayed: 'Rows stayed at their sites: only model updates and sums (counts, means, variances, levels) travelled.',
  sum: {
    plain: 'sum: plain — the coordinator can read each site’s update.',
    masked: 'sum: masked — the coordinator learns the sum of the updates, and of each site what min, max and levels its columns have.',
    encrypted:
      'sum: encrypted — the coordinator can open only the sum of the updates, and sees of each site what min, max and levels its columns have.',
  },
  simulated: 'This comparison ran on one machine: the baselines had to see all rows. It shows what to expect, not a deployment.',
  spec: 'Spec',
  specHash: 'Spec hash',
  modelHash: 'Model hash (first seed)',
  versions: 'Versions',
  made: 'Made',
  notClinical: 'Research software. Not for clinical use.',
  failed: (method: string, seed: number, code: string) => `${method} failed on seed ${seed} (${code}), which counts as the worst result.`,
  noCurves: 'No curve: the model was measured after the last round only.',
}

/** What every language of the report must say. */
export type ReportTexts = typeof en
