// How a run's updates are made smaller and become the next model: every strategy and every compression that a spec can name, with its options and their defaults.
import { z } from 'zod'
import { rateScheduleSchema } from './rate-schedule-spec.ts'

const schedule = rateScheduleSchema.optional().describe('How the server’s learning rate changes from round to round. Absent: not at all.')

const layersSchema = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe('Layers that stay at the sites, by their names in the model. Absent: the last one.')

/** How the server turns the cohort's updates into the next model. */
export const strategySchema = z
  .discriminatedUnion('name', [
    z.strictObject({ name: z.literal('fedavg') }).describe('Weighted mean of the sites’ models (McMahan et al. 2017).'),
    z
      .strictObject({ name: z.literal('fedprox'), mu: z.number().min(0).default(0.01).describe('Pull towards the received model.') })
      .describe('FedAvg with a proximal term in each site’s loss (Li et al. 2020).'),
    z
      .strictObject({
        name: z.literal('fedavgm'),
        learningRate: z.number().positive().default(1),
        momentum: z.number().min(0).lt(1).default(0.9),
        schedule,
      })
      .describe(
        'Server SGD with momentum on the mean difference (Hsu et al. 2019); rate 1 and momentum 0 is FedAvg. A rate of 1 − momentum keeps FedAvg’s pace.',
      ),
    z
      .strictObject({
        name: z.literal('fedadagrad'),
        learningRate: z.number().positive().default(0.1),
        beta1: z.number().min(0).lt(1).default(0),
        tau: z.number().positive().default(1e-3),
        schedule,
      })
      .describe('Server Adagrad (Reddi et al. 2021, algorithm 2).'),
    z
      .strictObject({
        name: z.literal('fedadam'),
        learningRate: z.number().positive().default(0.01),
        beta1: z.number().min(0).lt(1).default(0.9),
        beta2: z.number().min(0).lt(1).default(0.99),
        tau: z.number().positive().default(1e-3),
        schedule,
      })
      .describe('Server Adam (Reddi et al. 2021, algorithm 2).'),
    z
      .strictObject({
        name: z.literal('fedyogi'),
        learningRate: z.number().positive().default(0.01),
        beta1: z.number().min(0).lt(1).default(0.9),
        beta2: z.number().min(0).lt(1).default(0.99),
        tau: z.number().positive().default(1e-3),
        schedule,
      })
      .describe('Server Yogi (Reddi et al. 2021, algorithm 2).'),
    z
      .strictObject({
        name: z.literal('scaffold'),
        serverRate: z.number().positive().default(1),
        sites: z.int().min(1).optional().describe('Sites in all, where not all take part in each round.'),
        weighting: z.enum(['rows', 'equal']).default('rows').describe('What a site counts in the means.'),
      })
      .describe(
        'Control variates take the drift of unlike sites out of local steps; needs sgd, and rate · steps below about 0.2 on sites of few classes (Karimireddy et al. 2020).',
      ),
    z
      .strictObject({
        name: z.literal('fednova'),
        momentum: z.number().min(0).lt(1).optional().describe('The sites’ SGD momentum. Absent: that of local.optimiser.'),
      })
      .describe('Means of updates normalised by their steps: sites may work unequally long (Wang et al. 2020).'),
    z
      .strictObject({
        name: z.literal('feddyn'),
        alpha: z
          .number()
          .positive()
          .default(0.01)
          .describe('Pull towards the received model. Near 1 / (rate · steps), it holds the correction back.'),
        sites: z.int().min(1).optional().describe('Sites in all, where not all take part in each round.'),
      })
      .describe('Local losses corrected so that their optima agree (Acar et al. 2021).'),
    z
      .strictObject({
        name: z.literal('qfedavg'),
        q: z.number().min(0).default(1).describe('0: sites alike; more: sites with a high loss count more.'),
      })
      .describe('Spreads accuracy more evenly over the sites; needs sgd (Li et al. 2020).'),
    z
      .strictObject({
        name: z.literal('fedcon'),
        epsilon: z.number().positive().default(0.001),
        leastLoss: z
          .number()
          .positive()
          .default(2 ** -10),
      })
      .describe('Sites count by their inverse loss, and step longer the less they count (FATE_JzLab 1.0.7, as stated).'),
    z
      .strictObject({
        name: z.literal('fedcon-robust'),
        epsilon: z.number().positive().default(0.001),
        leastLoss: z
          .number()
          .positive()
          .default(2 ** -10),
        cap: z.number().min(1).default(2).describe('No site counts more than this many times 1 / sites.'),
      })
      .describe('FedCon with a cap on what a site can claim. Needs sum: plain.'),
    z
      .strictObject({
        name: z.literal('fedbuff'),
        serverRate: z.number().positive().default(1),
        exponent: z.number().min(0).default(0.5).describe('An update counts (1 + its age in rounds) to the minus this.'),
      })
      .describe('Rounds of the first updates that arrive, whatever their age (Nguyen et al. 2022). Needs schedule: buffered.'),
    z
      .strictObject({
        name: z.literal('fedasync'),
        mixing: z.number().positive().max(1).default(0.6).describe('Share of the new model that a fresh update makes.'),
        staleness: z
          .discriminatedUnion('kind', [
            z.strictObject({ kind: z.literal('constant') }),
            z.strictObject({ kind: z.literal('polynomial'), a: z.number().min(0).default(0.5) }),
            z.strictObject({ kind: z.literal('hinge'), a: z.number().min(0).default(10), b: z.number().min(0).default(4) }),
          ])
          .prefault({ kind: 'polynomial' })
          .describe('How that share falls with the age of an update.'),
      })
      .describe('Every update makes a new model (Xie et al. 2019). Needs schedule: buffered.'),
    z.strictObject({ name: z.literal('fedmedian') }).describe('Coordinate-wise median (Yin et al. 2018). Needs sum: plain.'),
    z
      .strictObject({ name: z.literal('trimmedmean'), share: z.number().min(0).lt(0.5).default(0.2).describe('Cut at each end.') })
      .describe('Coordinate-wise trimmed mean (Yin et al. 2018). Needs sum: plain.'),
    z
      .strictObject({
        name: z.literal('krum'),
        liars: z.int().min(0).default(1).describe('Of 2 · liars + 3 sites or more.'),
        keep: z.int().min(1).default(1).describe('Above 1: Multi-Krum, the mean of that many.'),
      })
      .describe('The update with the nearest neighbours (Blanchard et al. 2017). Needs sum: plain.'),
    z
      .strictObject({ name: z.literal('bulyan'), liars: z.int().min(0).default(1).describe('Of 4 · liars + 3 sites or more.') })
      .describe('Krum, then a mean around the median of each coordinate (El Mhamdi et al. 2018). Needs sum: plain.'),
    z
      .strictObject({ name: z.literal('rfa'), weighting: z.enum(['rows', 'equal']).default('equal') })
      .describe('Geometric median (Pillutla et al. 2022). Needs sum: plain.'),
    z
      .strictObject({
        name: z.literal('normclipping'),
        most: z
          .union([z.number().positive(), z.literal('median')])
          .default('median')
          .describe('Longest update; median: of the round.'),
      })
      .describe('Mean of updates cut down to a length (Sun et al. 2019). Needs sum: plain.'),
    z
      .strictObject({ name: z.literal('fltrust'), trusted: z.string().min(1).describe('The site whose direction is trusted.') })
      .describe('Updates count as far as they agree with a trusted site’s (Cao et al. 2021). Needs sum: plain.'),
    z
      .strictObject({ name: z.literal('fedper'), layers: layersSchema })
      .describe('The last layers stay at each site (Arivazhagan et al. 2019).'),
    z
      .strictObject({ name: z.literal('fedbn') })
      .describe(
        'The normalisation layers stay at each site: for sites with unlike inputs (Li et al. 2021). Needs a network that has some.',
      ),
    z
      .strictObject({
        name: z.literal('fedrep'),
        layers: layersSchema,
        headSteps: z.int().min(1).default(10).describe('Steps of a round that train a site’s own layers.'),
        bodySteps: z.int().min(1).default(5).describe('Steps after them that train the common layers.'),
      })
      .describe('The last layers stay at each site and are trained before the others; needs sgd (Collins et al. 2021).'),
    z
      .strictObject({
        name: z.literal('ditto'),
        lambda: z.number().min(0).default(0.1).describe('Holds each site’s own model to the common one.'),
      })
      .describe('FedAvg, and beside it a model of its own for each site (Li et al. 2021).'),
    z
      .strictObject({
        name: z.literal('ifca'),
        clusters: z.int().min(1).default(2),
        spread: z.number().min(0).default(0.1).describe('How far apart the models start.'),
      })
      .describe('Several models, each trained by the sites that it suits best (Ghosh et al. 2020).'),
    z
      .strictObject({
        name: z.literal('perfedavg'),
        inner: z.number().positive().default(1).describe('Inner learning rate, as a factor of the site’s.'),
        steps: z.int().min(1).default(5).describe('Pairs of steps in a round.'),
      })
      .describe('A start from which a site is a few steps from a good model of its own; first order (Fallah et al. 2020).'),
    z
      .strictObject({
        name: z.literal('reptile'),
        rate: z.number().positive().max(1).default(0.5).describe('How far the model follows the sites.'),
      })
      .describe('The model follows the sites’ models part of the way (Nichol et al. 2018).'),
    z
      .strictObject({
        name: z.literal('cyclic'),
        order: z.array(z.string().min(1)).min(1).describe('Sites, in the order in which the model goes round.'),
      })
      .describe('One model goes from site to site (Chang et al. 2018). Needs sum: plain.'),
    z
      .strictObject({
        name: z.literal('hierarchical'),
        regions: z.record(z.string(), z.int().min(0)).describe('The region of each site: 0, 1, 2, …'),
        every: z.int().min(1).default(5).describe('Rounds from one mean of all regions to the next.'),
      })
      .describe('Regions average each round, the whole now and then (Liu et al. 2020).'),
  ])
  .describe('How the server turns the updates into the next model.')

/** Options of a strategy by name. */
export type StrategySpec = z.output<typeof strategySchema>

/** How updates are packed on their way to the server. */
export const compressionSchema = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('none') }).describe('4 bytes a value.'),
    z
      .strictObject({ kind: z.literal('topK'), share: z.number().gt(0).max(1).default(0.01) })
      .describe('The values of largest magnitude, with error feedback (Stich et al. 2018).'),
    z
      .strictObject({ kind: z.literal('randomK'), share: z.number().gt(0).max(1).default(0.05) })
      .describe('Values drawn at random, with error feedback (Konečný et al. 2016).'),
    z
      .strictObject({ kind: z.literal('fixedMask'), share: z.number().gt(0).max(1).default(0.8) })
      .describe('Each site sends the same share of places for ever; the others never learn from it.'),
    z.strictObject({ kind: z.literal('int8') }).describe('8 bits a value, rounded at random.'),
    z.strictObject({ kind: z.literal('int4') }).describe('4 bits a value, rounded at random.'),
    z
      .strictObject({ kind: z.literal('qsgd'), steps: z.int().min(1).max(32767).default(7).describe('Levels on either side of 0.') })
      .describe('Levels of the norm, rounded at random (Alistarh et al. 2017).'),
    z.strictObject({ kind: z.literal('sign') }).describe('1 bit a value, with error feedback (Karimireddy et al. 2019).'),
    z
      .strictObject({ kind: z.literal('ternary'), share: z.number().gt(0).max(1).default(0.01) })
      .describe('STC: signs of the values of largest magnitude, with error feedback (Sattler et al. 2020).'),
    z
      .strictObject({ kind: z.literal('layerRate'), rate: z.number().gt(0).max(1).default(0.9).describe('Share of the tensors.') })
      .describe('Only the tensors that changed most.'),
    z
      .strictObject({
        kind: z.literal('sharedSupport'),
        share: z.number().gt(0).max(1).default(0.05),
        redraw: z.boolean().default(true).describe('false: the same places for ever.'),
      })
      .describe('The same places at all sites: may go under sum: masked.'),
    z
      .strictObject({ kind: z.literal('sharedScale'), bits: z.int().min(2).max(16).default(8), maxAbs: z.number().positive().default(1) })
      .describe('One grid for all sites: may go under sum: masked.'),
    z
      .strictObject({ kind: z.literal('powerSgd'), rank: z.int().min(1).default(2).describe('Columns of the thin matrices.') })
      .describe('Products of thin matrices, with error feedback (Vogels et al. 2019): may go under sum: masked. With fedavg.'),
  ])
  .describe('How updates are packed on their way to the server. All but sharedSupport, sharedScale and powerSgd need sum: plain.')

/** Options of a compression by kind. */
export type CompressionSpec = z.output<typeof compressionSchema>
