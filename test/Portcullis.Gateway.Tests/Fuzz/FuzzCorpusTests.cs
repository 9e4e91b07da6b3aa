using Portcullis.Fuzz;

namespace Portcullis.Gateway.Tests.Fuzz;

public sealed class FuzzCorpusTests
{
    public static TheoryData<string> Names => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fuzz_target_holds_over_its_corpus_and_a_thousand_mutations(string name)
    {
        var target = FuzzTargets.All.Single(one => one.Name == name);
        var corpus = FuzzTargets.Corpus(target).Select(File.ReadAllBytes).ToList();
        Assert.NotEmpty(corpus);

        foreach (var input in corpus)
            target.Run(input);

        var mutator = new Mutator(new Random(1), corpus, target.Dictionary);
        for (var i = 0; i < 1000; i++)
            target.Run(mutator.Next());
    }
}
