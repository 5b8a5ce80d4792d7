import own from "#own";
console.log(import.meta.url, own, typeof require);
