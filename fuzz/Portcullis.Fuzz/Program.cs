using System.Diagnostics;
using System.Globalization;
using Portcullis.Fuzz;

// dotnet run -c Release --project fuzz/Portcullis.Fuzz                         lists the targets
// dotnet run -c Release --project fuzz/Portcullis.Fuzz -- TARGET [SECONDS] [SEED]  attacks one; prints the input that broke it
// dotnet run -c Release --project fuzz/Portcullis.Fuzz -- TARGET FILE          runs one input
if (args is [])
{
    foreach (var one in FuzzTargets.All)
        Console.WriteLine($"{one.Name} ({FuzzTargets.Corpus(one).Length} inputs)");
    return 0;
}

var target = FuzzTargets.All.FirstOrDefault(one => one.Name == args[0]);
if (target is null)
{
    Console.Error.WriteLine($"There is no target '{args[0]}'.");
    return 2;
}

if (args.Length == 2 && File.Exists(args[1]))
{
    target.Run(File.ReadAllBytes(args[1]));
    Console.WriteLine("holds");
    return 0;
}

var seconds = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 60;
var seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : Environment.ProcessId;
var corpus = FuzzTargets.Corpus(target).Select(File.ReadAllBytes).ToList();
var mutator = new Mutator(new Random(seed), corpus, target.Dictionary);
var clock = Stopwatch.StartNew();
var runs = 0L;
Console.WriteLine($"{target.Name}: {corpus.Count} inputs, seed {seed}, {seconds} s");
while (clock.Elapsed.TotalSeconds < seconds)
{
    var input = mutator.Next();
    try
    {
        target.Run(input);
        runs++;
    }
    catch (Exception broken)
    {
        var file = Path.Combine(Directory.CreateDirectory("artifacts").FullName, $"{target.Name}-{seed}-{runs}.broken");
        File.WriteAllBytes(file, input);
        Console.Error.WriteLine($"Broken after {runs} runs, input in {file}:\n{broken}");
        return 1;
    }
}

Console.WriteLine($"{runs} runs, nothing broken");
return 0;
