namespace Portcullis.Gateway.Tests.Configuration;

public class LoaderReportTests
{
    [Fact]
    public void Ten_mistakes_are_reported_at_once_with_place_path_and_hint()
    {
        var yaml = File.ReadAllText(Sample.Path("TenMistakes.yaml"));
        var expected = File.ReadAllText(Sample.Path("TenMistakes.txt"));

        var result = Load.Text(yaml);

        Assert.Null(result.Options);
        Assert.Equal(expected, Load.Report(result) + "\n");
    }
}
