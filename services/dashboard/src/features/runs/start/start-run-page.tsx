import { Anchor, Breadcrumbs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import { useHttp } from '../../../api/http-context.js';
import { queries } from '../../../api/queries.js';
import { LoadState } from '../../../ui/load-state.js';
import { PageHeader } from '../../../ui/page-header.js';
import { inputsOfRun } from './inputs-of-run.js';
import { StartForm } from './start-form.js';

/** `?version=` pins a version, `?from=` takes the inputs and labels of a run. */
export function StartRunPage() {
  const { name = '' } = useParams();
  const [parameters] = useSearchParams();
  const http = useHttp();
  const asked = Number(parameters.get('version') ?? 0);
  const version = Number.isInteger(asked) ? asked : 0;
  const from = parameters.get('from') ?? '';
  const answer = useQuery(queries.workflow(http, name, version));
  const like = useQuery({ ...inputsOfRun(http, from), enabled: from !== '' });
  const isReady = answer.data !== undefined && (from === '' || like.data !== undefined);
  return (
    <>
      <PageHeader
        title={`Start ${name}`}
        above={
          <nav aria-label="Where this page belongs">
            <Breadcrumbs separator="/" separatorMargin={6} fz="sm" mb={4}>
              <Anchor component={Link} to="/workflows" inherit>
                Workflows
              </Anchor>
              <Anchor component={Link} to={`/workflows/${encodeURIComponent(name)}`} inherit>
                {name}
              </Anchor>
            </Breadcrumbs>
          </nav>
        }
        below={answer.data?.description}
      />
      <LoadState of={answer} />
      {from !== '' && <LoadState of={like} />}
      {isReady && (
        <StartForm
          key={`${name} ${version} ${from}`}
          workflow={answer.data}
          pinned={version}
          {...(like.data === undefined ? {} : { inputs: like.data.inputs, labels: like.data.labels })}
        />
      )}
    </>
  );
}
