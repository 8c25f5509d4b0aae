import type { ComponentChildren } from 'preact';

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((\/[^)]*)\)/g;

/** The bit of Markdown that descriptions use: paragraphs, lists, code, bold, and links within this host. */
export function Prose({ text }: { readonly text: string }) {
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.split('\n');
    const items = lines.filter((line) => line.startsWith('- '));
    const words = lines.filter((line) => !line.startsWith('- ')).join(' ');
    return (
      <div key={block}>
        {words !== '' && <p>{inline(words)}</p>}
        {items.length > 0 && (
          <ul>
            {items.map((item) => (
              <li key={item}>{inline(item.slice(2))}</li>
            ))}
          </ul>
        )}
      </div>
    );
  });
}

function inline(text: string): ComponentChildren[] {
  const parts: ComponentChildren[] = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, label, address] = match;
    parts.push(text.slice(end, match.index));
    if (code !== undefined) parts.push(<code>{code}</code>);
    else if (bold !== undefined) parts.push(<strong>{inline(bold)}</strong>);
    else parts.push(<a href={address ?? '/'}>{label}</a>);
    end = match.index + whole.length;
  }
  parts.push(text.slice(end));
  return parts;
}
