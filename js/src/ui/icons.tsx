/** The few drawings of the header, as strokes in the colour of the text. */

const PATHS = {
  flag: "M5 21V4m0 1h12l-3 4 3 4H5",
  comment: "M4 5h16v11H10l-5 4v-4H4z",
  guide: "M6 3h10l3 3v15H6zM9 9h7M9 13h7M9 17h4",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  small: "M9 4v5H4M20 9h-5V4M15 20v-5h5M4 15h5v5",
  help: "M9 9a3 3 0 1 1 4.5 2.6c-1 .6-1.5 1.2-1.5 2.4M12 18v.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 6v6l4 2M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0z",
  alert: "M12 4l9 16H3zM12 10v4M12 17v.01",
  computer: "M5 5h14v10H5zM2 19h20",
  up: "M12 19V5M6 11l6-6 6 6",
  cards: "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z",
  close: "M6 6l12 12M18 6L6 18",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="ja-icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
