console.log(new Date(0).toString(), new Date(0).toLocaleString(), Intl.DateTimeFormat().resolvedOptions().timeZone, Intl.DateTimeFormat().resolvedOptions().locale);
console.log((1234.5).toLocaleString(), ["b", "ä", "a"].sort(new Intl.Collator().compare));
