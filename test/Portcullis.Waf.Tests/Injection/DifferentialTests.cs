using System.Globalization;
using System.Text;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Injection;

namespace Portcullis.Waf.Tests.Injection;

/// <summary>
/// Verdicts and fingerprints are libinjection's. The words and fingerprints of its version 3.9.2 are those that we have, so SQL never differs;
/// HTML differs by <see cref="UnlistedHandlers"/> alone. PORTCULLIS_TEST_DIFFERENTIAL sets how many mutations are compared.
/// </summary>
public sealed class DifferentialTests
{
    private const int Mutations = 60_000;

    private readonly byte[] fingerprint = new byte[8];
    private int positives;
    private int unlisted;

    private static int Count => int.Parse(Environment.GetEnvironmentVariable("PORTCULLIS_TEST_DIFFERENTIAL") ?? Mutations.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static int Seed => int.Parse(Environment.GetEnvironmentVariable("PORTCULLIS_TEST_SEED") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public void Sql_injections_are_those_of_the_reference()
    {
        var reference = LibInjection.Require();
        var inputs = InjectionInputs.Require(Seed);
        foreach (var input in inputs.Known)
            CompareSql(reference, input);
        Assert.True(inputs.Known.Count > 15_000 && positives > 300, $"{inputs.Known.Count} values, {positives} injections");
        for (var i = 0; i < Count; i++)
            CompareSql(reference, inputs.Next());
        TestContext.Current.TestOutputHelper?.WriteLine($"{inputs.Known.Count} values, {Count} mutations, {positives} injections");
    }

    [Fact]
    public void Scripts_are_those_of_the_reference()
    {
        var reference = LibInjection.Require();
        var inputs = InjectionInputs.Require(Seed);
        foreach (var input in inputs.Known)
            CompareXss(reference, input);
        Assert.True(inputs.Known.Count > 15_000 && positives > 300, $"{inputs.Known.Count} values, {positives} injections");
        for (var i = 0; i < Count; i++)
            CompareXss(reference, inputs.Next());
        TestContext.Current.TestOutputHelper?.WriteLine($"{inputs.Known.Count} values, {Count} mutations, {positives} injections, {unlisted} differ by handlers of no known event");
    }

    [Fact]
    public void Shortest_values_are_judged_as_by_the_reference()
    {
        var reference = LibInjection.Require();
        var input = new byte[3];
        for (var both = 0; both < 65536; both++)
        {
            (input[0], input[1]) = ((byte)(both >> 8), (byte)both);
            CompareSql(reference, input.AsSpan(0, 2));
            CompareXss(reference, input.AsSpan(0, 2));
            CompareSql(reference, input.AsSpan(1, 1));
        }

        Assert.Equal(1, positives);
        var alphabet = Encoding.Latin1.GetBytes("\0\t\n !\"#$%&'()*+,-./019:;<=>?@AENQX[\\]^_`abdeinoqux{|}~\x7F\x80\xA0\xFF");
        foreach (var first in alphabet)
        {
            foreach (var second in alphabet)
            {
                foreach (var third in alphabet)
                {
                    (input[0], input[1], input[2]) = (first, second, third);
                    CompareSql(reference, input);
                    CompareXss(reference, input);
                }
            }
        }

        Assert.NotEqual(1, positives);
    }

    private void CompareSql(LibInjection reference, ReadOnlySpan<byte> input)
    {
        var isInjection = SqlInjection.IsInjection(input, fingerprint, out var length);
        var expected = reference.Sql(input);
        if (isInjection != (length > 0) || !expected.SequenceEqual(fingerprint.AsSpan(0, length)))
            Assert.Fail($"'{Encoding.ASCII.GetString(expected)}' expected, '{Encoding.ASCII.GetString(fingerprint, 0, length)}' found: {Show(input)}");
        if (isInjection && !SqlInjection.CouldBe(ByteSet.Of(input), input.Length))
            Assert.Fail($"ruled out by its bytes: {Show(input)}");
        positives += isInjection ? 1 : 0;
    }

    private void CompareXss(LibInjection reference, ReadOnlySpan<byte> input)
    {
        var isInjection = CrossSiteScripting.IsInjection(input);
        var expected = reference.Xss(input);
        if (isInjection && !CrossSiteScripting.CouldBe(ByteSet.Of(input), input.Length))
            Assert.Fail($"ruled out by its bytes: {Show(input)}");
        positives += isInjection ? 1 : 0;
        var isUnlisted = !isInjection && UnlistedHandlers.Occur(input);
        if (expected != (isInjection || isUnlisted))
            Assert.Fail($"{expected} expected: {Show(input)}");
        unlisted += isUnlisted ? 1 : 0;
    }

    private static string Show(ReadOnlySpan<byte> input) => $"{Encoding.Latin1.GetString(input)} {Convert.ToHexString(input)}";
}
