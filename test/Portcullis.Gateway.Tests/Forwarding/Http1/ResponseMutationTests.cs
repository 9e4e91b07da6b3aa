using Portcullis.Fuzz;
using Portcullis.Fuzz.Targets;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>A longer run of the fuzz target than all targets get; the seed is fixed, so a failure can be had again.</summary>
public sealed class ResponseMutationTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void Mutated_responses_never_break_the_parser()
    {
        var target = new Http1ResponseTarget();
        var mutator = new Mutator(new Random(20_301), [.. FuzzTargets.Corpus(target).Select(File.ReadAllBytes)], target.Dictionary);
        for (var round = 0; round < Rounds; round++)
        {
            var input = mutator.Next();
            try
            {
                target.Run(input);
            }
            catch (Exception e)
            {
                Assert.Fail($"round {round}: {e.Message} for {Convert.ToHexString(input)}");
            }
        }
    }
}
