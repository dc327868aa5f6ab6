// Two sets of MedMNIST v2: Yang et al. 2023 (Scientific Data 10:41). Each comes from one hospital: make the sites by a partition.
import type { CategoricalColumn } from '../../types.ts'
import { arrayImages } from '../array-images.ts'
import { readNpz } from '../npz.ts'
import type { NamedImageSet } from './named-image-set.ts'

const about = {
  sites: [],
  licence: 'CC BY 4.0 (MedMNIST); not for clinical use',
  source: 'https://medmnist.com/',
} as const

const medmnist = 'Yang J, Shi R, Wei D, Liu Z, Zhao L, Ke B, Pfister H, Ni B (2023). MedMNIST v2. Scientific Data 10:41.'

const loader =
  (path: string, name: string, label: CategoricalColumn): NamedImageSet['load'] =>
  async (open) => {
    const dataset = await arrayImages(readNpz(await open.bytes(path), { file: path }), path, { name, classes: label.levels })
    return { ...dataset, schema: { label } }
  }

const pneumoniaLabel: CategoricalColumn = { kind: 'categorical', name: 'finding', levels: ['normal', 'pneumonia'] }

/**
 * 5856 chest X-rays of children, 28 × 28: 4708 to learn from, 524 to choose by, 624 to judge by. Two files are accepted: the official one, and one with the same
 * pictures whose training rows are in another order. They train to slightly different models.
 */
export const pneumonia: NamedImageSet = {
  ...about,
  name: 'pneumonia',
  title: 'PneumoniaMNIST, chest X-rays of children',
  description: 'One row an X-ray of 28 × 28 pixels. Predicts whether it shows pneumonia. Comes with its own split.',
  rows: 5856,
  citation: `${medmnist} Kermany D S et al. (2018). Identifying medical diagnoses and treatable diseases by image-based deep learning. Cell 172:1122-1131.`,
  files: [
    {
      path: 'medmnist/pneumoniamnist.npz',
      bytes: 4_171_077,
      sha256: 'f3eb49f7c16d60ab7fb743d87552c2c311331d814f09f49824eb4268e9b2cf74',
      orMd5: '28209eda62fecd6e6a2d98b1501bb15f',
      embedded: false,
      url: 'https://zenodo.org/records/10519652/files/pneumoniamnist.npz?download=1',
    },
  ],
  shape: [1, 28, 28],
  label: pneumoniaLabel,
  load: loader('medmnist/pneumoniamnist.npz', 'pneumonia', pneumoniaLabel),
}

const adrenalLabel: CategoricalColumn = { kind: 'categorical', name: 'finding', levels: ['normal', 'hyperplasia'] }

/** 1584 shapes of adrenal glands as volumes of 28 × 28 × 28 voxels, 0 or 255: 1188 to learn from, 98 to choose by, 298 to judge by. */
export const adrenal: NamedImageSet = {
  ...about,
  name: 'adrenal-3d',
  title: 'AdrenalMNIST3D, shapes of adrenal glands',
  description:
    'One row a volume of 28 × 28 × 28 voxels, cut from a CT scan. Predicts whether the gland is enlarged. Comes with its own split.',
  rows: 1584,
  citation: medmnist,
  files: [
    {
      path: 'medmnist/adrenalmnist3d.npz',
      bytes: 276_833,
      sha256: '8ffd78c0f000265deb7cf4ee0b454136fb3170f9839ecaa7bb01adf9f88aa7d1',
      md5: 'bbd3c5a5576322bc4cdfea780653b1ce',
      embedded: false,
      url: 'https://zenodo.org/records/10519652/files/adrenalmnist3d.npz?download=1',
    },
  ],
  shape: [1, 28, 28, 28],
  label: adrenalLabel,
  load: loader('medmnist/adrenalmnist3d.npz', 'adrenal-3d', adrenalLabel),
}
