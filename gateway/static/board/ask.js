// The board's questions, asked as the person signed in.

import { fetchSignedIn } from "../session.js";

const FIGURES = `proceduresInForce dossiersReceived dossiersFinished dossiersOnTime dossiersLate
  dossiersOverdueOpen openNonconformities overdueActions lastAuditOn lastReviewOn`;
const MONTHS = "month received finished onTime late";

const TODAY = "query Today { clock { businessToday } }";
const BOARD = `query Board($from: Date!, $to: Date!) {
  standings { ${FIGURES} agency { id code name shortName kind } }
  dossierMonths(fromMonth: $from, toMonth: $to) { ${MONTHS} }
}`;
const AGENCY = `query OneAgency($id: UUID!, $from: Date!, $to: Date!) {
  dossierFigures(agencyIds: [$id], byDocument: true) {
    received finished onTime late overdueOpen document { code title }
  }
  dossierMonths(agencyIds: [$id], fromMonth: $from, toMonth: $to) { ${MONTHS} }
  open: nonconformities(first: 20, agencyId: $id, state: OPEN) { ...Listed }
  corrected: nonconformities(first: 20, agencyId: $id, state: CORRECTED) { ...Listed }
  underWay: nonconformities(first: 20, agencyId: $id, state: ACTION_UNDER_WAY) { ...Listed }
}
fragment Listed on NonconformityConnection {
  edges { node { id number state severity description raisedAt } }
}`;

export class NotAnswered extends Error {
  constructor(problem) {
    super(problem.message);
    Object.assign(this, problem);
  }
}

export const today = async () => (await ask(TODAY)).clock.businessToday;
export const boardOf = (from, to) => ask(BOARD, { from, to });
export const agencyOf = (id, from, to) => ask(AGENCY, { id, from, to });

async function ask(query, variables) {
  const answer = await fetchSignedIn("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await answer.json();
  if (errors) throw new NotAnswered(errors[0].extensions);
  return data;
}
