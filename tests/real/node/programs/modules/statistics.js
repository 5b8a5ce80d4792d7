export const sum = (values) => values.reduce((total, value) => total + value, 0);
export const mean = (values) => sum(values) / values.length;
export const variance = (values) => {
    const middle = mean(values);
    return mean(values.map((value) => (value - middle) ** 2));
};
export const neverImported = () => "a bundler drops this";
