import { mean, variance } from "./statistics.js";
import { readings } from "./readings.js";

const { station, values } = readings;
console.log(`${station}: mean ${mean(values).toFixed(3)}, variance ${variance(values).toFixed(3)}`);
