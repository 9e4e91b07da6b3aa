using System.Text.RegularExpressions;

namespace Portcullis.Gateway.Tests.Conformance;

/// <summary>
/// Hostile HTTP/1.1 through the whole gateway to a strict origin: whatever gets there is one well-formed request for each that was accepted,
/// and nothing that a request hid is ever executed.
/// </summary>
public sealed partial class HostileHttp1Tests(ConformanceGateway gateway) : IClassFixture<ConformanceGateway>
{
    [Theory]
    [MemberData(nameof(HostileFraming.Rows), MemberType = typeof(HostileFraming))]
    public Task Framing_that_can_be_read_in_two_ways_is_refused(string what, string request, int status, string reached) => CheckAsync(what, request, status, reached);

    [Theory]
    [MemberData(nameof(HostileChunks.Rows), MemberType = typeof(HostileChunks))]
    public Task Chunks_that_can_be_read_in_two_ways_are_refused(string what, string request, int status, string reached) => CheckAsync(what, request, status, reached);

    [Theory]
    [MemberData(nameof(HostileTargets.Rows), MemberType = typeof(HostileTargets))]
    public Task Request_lines_that_can_be_read_in_two_ways_are_refused(string what, string request, int status, string reached) => CheckAsync(what, request, status, reached);

    [Theory]
    [MemberData(nameof(HostileFields.Rows), MemberType = typeof(HostileFields))]
    public Task Fields_that_can_be_read_in_two_ways_are_refused(string what, string request, int status, string reached) => CheckAsync(what, request, status, reached);

    [Theory]
    [MemberData(nameof(HostileSequences.Rows), MemberType = typeof(HostileSequences))]
    public Task Requests_in_a_row_are_told_apart(string what, string request, int status, string reached) => CheckAsync(what, request, status, reached);

    /// <param name="status">Of the first answer that is final; 0: none is sent.</param>
    /// <param name="reached">Targets that reach the origin, each with its content after a colon, separated by a space.</param>
    private async Task CheckAsync(string what, string request, int status, string reached)
    {
        var answer = await gateway.SendAsync(request);
        var (requests, violations) = await gateway.ReachedAsync();
        var context = $"{what}\n--- sent\n{request}\n--- answered\n{answer}\n--- reached\n{string.Join('\n', requests)}";

        Assert.True(violations.Count == 0, $"{string.Join('\n', violations)}\n{context}");
        var first = FinalStatus().Match(answer);
        Assert.True(status == (first.Success ? int.Parse(first.Groups["status"].Value) : 0), context);
        Assert.False(request.Contains("HTTP/1.0", StringComparison.Ordinal) && answer.StartsWith("HTTP/1.1 1", StringComparison.Ordinal), context);
        Assert.True(reached == string.Join(' ', requests), context);
        Assert.True(requests.Count <= FinalStatus().Matches(answer).Count(match => match.Groups["status"].Value == "200"), context);
    }

    // Problem documents and targets never begin a line so.
    [GeneratedRegex(@"(^|\n|\})HTTP/1\.1 (?<status>[2-5][0-9][0-9]) |(?<=/[a-z]*)HTTP/1\.1 (?<status>[2-5][0-9][0-9]) ", RegexOptions.ExplicitCapture)]
    private static partial Regex FinalStatus();
}
