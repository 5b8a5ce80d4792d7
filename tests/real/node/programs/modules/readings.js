export const readings = { station: "north ridge", values: [3.5, 4.25, 2.75, 5, 4.5] };
