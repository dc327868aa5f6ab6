// HTML and SVG as values: text is escaped where it enters, so that no column or hospital name can become markup.

/** A finished piece of HTML or SVG. */
export interface Markup {
  readonly markup: string
}

/** What may stand inside an element. Strings are escaped; null is nothing. */
export type Child = Markup | string | number | null | readonly Child[]

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** Text made safe for element content and attribute values. */
export const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => entities[sign] ?? sign)

const rendered = (child: Child): string => {
  if (child === null) return ''
  if (typeof child === 'string') return escaped(child)
  if (typeof child === 'number') return String(child)
  return 'markup' in child ? child.markup : child.map(rendered).join('')
}

const voidElements: ReadonlySet<string> = new Set(['meta', 'br', 'line', 'circle', 'rect', 'path'])

/** An element. Attributes with null are left out; numbers are rounded to 2 decimals, enough for a picture. */
export const element = (
  name: string,
  attributes: Readonly<Record<string, string | number | null>>,
  ...children: readonly Child[]
): Markup => {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => ` ${key}="${escaped(typeof value === 'number' ? String(Math.round(value * 100) / 100) : String(value))}"`)
    .join('')
  const inside = children.map(rendered).join('')
  return { markup: inside === '' && voidElements.has(name) ? `<${name}${written}/>` : `<${name}${written}>${inside}</${name}>` }
}

/** Trusted markup, written by this room: style sheets. */
export const raw = (markup: string): Markup => ({ markup })
