namespace Portcullis.Gateway.Tests.Configuration;

public class EnvironmentOverrideTests
{
    [Fact]
    public void A_variable_goes_over_the_file()
    {
        var options = Load.Options(
            Load.Minimal,
            ("PORTCULLIS__identity__issuer", "https://other.example.com"),
            ("PORTCULLIS__shutdownTimeout", "3s"),
            ("PORTCULLIS__telemetry__maskAddresses", "true"),
            ("PORTCULLIS__clusters__orders__destinations__0", "http://127.0.0.1:1"),
            ("PORTCULLIS__clusters__orders__destinations__1", "http://127.0.0.1:2"),
            ("PORTCULLIS__clusters__orders__destinations__2__url", "http://127.0.0.1:3"),
            ("PORTCULLIS__clusters__orders__destinations__2__weight", "9"),
            ("PORTCULLIS__routes__orders__match__methods__0", "GET"),
            ("PORTCULLIS__routes__orders__match__hosts", "a.example.com"));

        Assert.Equal("https://other.example.com", options.Identity!.Issuer);
        Assert.Equal(TimeSpan.FromSeconds(3), options.ShutdownTimeout);
        Assert.True(options.Telemetry.MaskAddresses);
        Assert.Equal([("http://127.0.0.1:1/", 1), ("http://127.0.0.1:2/", 1), ("http://127.0.0.1:3/", 9)], options.Clusters["orders"].Destinations.Select(one => (one.Url.AbsoluteUri, one.Weight)));
        Assert.Equal(["GET"], options.Routes["orders"].Match.Methods);
        Assert.Equal(["a.example.com"], options.Routes["orders"].Match.Hosts);
    }

    [Fact]
    public void Items_are_added_by_number_and_not_by_letter()
    {
        var variables = Enumerable.Range(0, 12).Select(i => ($"PORTCULLIS__routes__orders__match__methods__{i}", $"M{i}")).ToArray();

        Assert.Equal(Enumerable.Range(0, 12).Select(i => $"M{i}"), Load.Options(Load.Minimal, variables).Routes["orders"].Match.Methods);
    }

    [Theory]
    [InlineData("PORTCULLIS__identty__issuer", "x", "unknown key 'identty'", "did you mean 'identity'?")]
    [InlineData("PORTCULLIS__shutdownTimeout", "soon", "expected a duration in ms, s, m, h or d, found the value that is filled in here", "for example 10s")]
    [InlineData("PORTCULLIS__", "x", "is not a key path", "write the keys with two underscores between them, such as PORTCULLIS__identity__issuer")]
    [InlineData("PORTCULLIS____a", "x", "is not a key path", "write the keys with two underscores between them, such as PORTCULLIS__identity__issuer")]
    [InlineData("PORTCULLIS__clusters__orders__destinations__7", "http://127.0.0.1:1", "'7' is no index of the list clusters.orders.destinations, which has 1 items", "count from 0; the number of items adds one")]
    [InlineData("PORTCULLIS__clusters__orders__destinations__first", "http://127.0.0.1:1", "'first' is no index of the list clusters.orders.destinations, which has 1 items", "count from 0; the number of items adds one")]
    [InlineData("PORTCULLIS__routes__orders__cluster__name", "x", "routes.orders.cluster is a single value in the file, so nothing can be set below it", "set PORTCULLIS__routes__orders__cluster itself, or write the keys in the file")]
    public void A_wrong_override_names_its_variable(string variable, string value, string message, string hint)
    {
        var error = Load.Error(Load.Minimal, (variable, value));

        Assert.Equal((variable, 0, message, hint), (error.File, error.Line, error.Message, error.Hint));
        Assert.StartsWith(variable + ": error: ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_override_is_not_searched_for_placeholders()
        => Assert.EndsWith("${env:HOME}", Load.Options(Load.Minimal, ("PORTCULLIS__data", "${env:HOME}")).Data, StringComparison.Ordinal);

    [Fact]
    public void Overrides_alone_make_a_configuration()
        => Assert.Equal(
            443,
            Load.Options("# all from outside", ("PORTCULLIS__listeners__public__address", "127.0.0.1:443")).Listeners["public"].Address.EndPoint.Port);

    [Fact]
    public void An_override_of_an_aliased_value_leaves_the_original_alone()
    {
        var yaml = Load.Minimal.Replace("destinations: [\"http://127.0.0.1:9001\"] }", "destinations: &all [\"http://127.0.0.1:9001\"] }\n  copy: { destinations: *all }", StringComparison.Ordinal);

        var options = Load.Options(yaml, ("PORTCULLIS__clusters__copy__destinations__0", "http://127.0.0.1:1"));

        Assert.Equal("http://127.0.0.1:9001/", options.Clusters["orders"].Destinations[0].Url.AbsoluteUri);
    }
}
