/** Names and values of one row, or several rows with their columns. */

import type { FieldModule, FieldProps } from "./module";
import "./table.css";

type Cell = string | number | boolean | null;

interface TableValue {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** One row: names beside values. */
  readonly single: boolean;
}

function Value({ cell }: { cell: Cell | undefined }) {
  if (cell === null || cell === undefined) return <span class="ja-quiet">none</span>;
  return <span class={typeof cell === "number" ? "ja-table-number" : undefined}>{String(cell)}</span>;
}

function TableView({ value, name, title }: FieldProps) {
  const { columns, rows, single } = (value ?? { columns: [], rows: [], single: true }) as TableValue;
  if (single) {
    return (
      <dl class="ja-table ja-table--pairs" aria-label={title ?? name}>
        {columns.map((column, at) => (
          <div key={column}>
            <dt>{column}</dt>
            <dd dir="auto">
              <Value cell={rows[0]?.[at]} />
            </dd>
          </div>
        ))}
      </dl>
    );
  }
  return (
    <div class="ja-scrolls" tabIndex={0} role="region" aria-label={title ?? name}>
      <table class="ja-table">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              {columns.map((column, place) => (
                <td key={column} class={typeof row[place] === "number" ? "ja-table-right" : undefined} dir="auto">
                  <Value cell={row[place]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export const table: FieldModule = { kind: "table", View: TableView };
