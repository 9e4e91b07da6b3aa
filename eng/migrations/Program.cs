// Never run: dotnet ef only loads what this project refers to.
return 0;
