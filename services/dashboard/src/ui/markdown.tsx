import { Anchor, Code, Table } from '@mantine/core';
import ReactMarkdown from 'react-markdown';
import remarkGfm from 'remark-gfm';
import classes from './markdown.module.css';

/**
 * Markdown as a document. HTML in it is shown as the text that it is, and of pictures their words and address: nothing is loaded from elsewhere, nothing runs.
 */
export function Markdown({ text }: { readonly text: string }) {
  return (
    <div className={classes['document']}>
      <ReactMarkdown
        remarkPlugins={[remarkGfm]}
        components={{
          a: ({ href, children }) => (
            <Anchor href={href ?? ''} title={href ?? ''} target="_blank" rel="noopener noreferrer nofollow" inherit underline="always">
              {children}
            </Anchor>
          ),
          img: ({ src, alt }) => <Code>{`picture: ${alt ?? ''} (${String(src ?? '')})`}</Code>,
          table: ({ children }) => (
            <Table.ScrollContainer minWidth={360} type="native" tabIndex={0} role="region" aria-label="Table">
              <Table withTableBorder withColumnBorders fz="sm">
                {children}
              </Table>
            </Table.ScrollContainer>
          ),
          // The page has its own headings above these.
          h1: ({ children }) => <h3>{children}</h3>,
          h2: ({ children }) => <h4>{children}</h4>,
          h3: ({ children }) => <h5>{children}</h5>,
          h4: ({ children }) => <h6>{children}</h6>,
          h5: ({ children }) => <h6>{children}</h6>,
        }}
      >
        {text}
      </ReactMarkdown>
    </div>
  );
}
