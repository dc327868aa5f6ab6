// Images and volumes, the part that needs Node: files, folders and the named image sets.
export type { FolderLayout } from './image-files.node.ts'
export { type FolderOptions, imageFolder } from './image-folder.node.ts'
export { type ImageInference, type InferImagesOptions, inferImages } from './infer-images.node.ts'
export { type ImageSource, loadImages } from './load-images.node.ts'
export { npzImages } from './npz-images.node.ts'
export { pictureFile, type PreparedPictures, preparePictures } from './picture-files.node.ts'
