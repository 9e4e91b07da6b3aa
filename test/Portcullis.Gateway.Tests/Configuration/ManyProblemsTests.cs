using Portcullis.Gateway.Configuration;

namespace Portcullis.Gateway.Tests.Configuration;

public class ManyProblemsTests
{
    [Fact]
    public void Problems_are_sorted_by_place_and_capped()
    {
        var result = Load.Text(Load.Minimal + string.Concat(Enumerable.Range(0, 250).Select(i => $"k{i}: 1\n")));

        var all = result.Problems.All;
        Assert.Equal(ConfigurationProblems.MostReported + 1, all.Count);
        Assert.Equal("150 more problems are not shown", all.Single(problem => problem.Line == 0).Message);
        Assert.True(all.Where(problem => problem.Line > 0).Select(problem => problem.Line).SequenceEqual(Enumerable.Range(11, 100)));
    }

    [Fact]
    public void An_error_among_thousands_of_warnings_still_forbids()
    {
        var problems = new ConfigurationProblems(new SourceMap("x.yaml"));
        for (var i = 0; i < 5000; i++) problems.Warning($"a{i}", "weak", "strengthen it");
        problems.Error("b", "wrong", "correct it");

        Assert.True(problems.HasErrors);
    }
}
