console.log(__filename, process.argv, require.main === module);
