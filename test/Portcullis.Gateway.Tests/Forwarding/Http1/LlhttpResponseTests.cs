using Portcullis.Fuzz.Targets;
using Portcullis.Gateway.Forwarding.Http1;

namespace Portcullis.Gateway.Tests.Forwarding.Http1;

/// <summary>Another parser's response cases. Where this client differs, it is on purpose, and the reason stands here.</summary>
public sealed class LlhttpResponseTests
{
    private static readonly Dictionary<string, string> RefusedOnPurpose = new(StringComparer.Ordinal)
    {
        ["connection: HTTP 101 response with Upgrade and Content-Length header"] = "RFC 9110 §8.6 forbids it; where the new protocol begins would be open to dispute",
        ["connection: HTTP 101 response with Upgrade and Transfer-Encoding header"] = "RFC 9112 §6.1 forbids it; the same",
        ["connection: HTTP 100 first, then 400"] = "an empty line before a status line: RFC 9112 §2.2 has servers skip it, not clients",
        ["sample: Response starting with CRLF"] = "the same",
        ["invalid: Bare CR after response line (lenient)"] = "bare CR, a lenience of that parser",
        ["invalid: Only LFs present and no body (lenient)"] = "bare LF, a lenience of that parser",
        ["invalid: Only LFs present (lenient)"] = "bare LF, a lenience of that parser",
        ["sample: No carriage ret (lenient)"] = "bare LF, a lenience of that parser",
        ["lenient-version: Invalid HTTP version (lenient)"] = "a version this client does not speak",
        ["sample: HTTP version 0.9"] = "a version this client does not speak",
        ["sample: RTSP response"] = "another protocol",
        ["sample: ICE response"] = "another protocol",
        ["sample: No reason phrase"] = "RFC 9112 §4: the space before the reason phrase is sent even when there is none",
        ["transfer-encoding: `chunked` before other transfer-encoding"] = "no coding but chunked is understood, and RFC 9112 §6.3 leaves such a body to be read until close",
        ["transfer-encoding: multiple transfer-encoding where chunked is not the last one"] = "the same",
        ["transfer-encoding: `chunkedchunked` transfer-encoding does not enable chunked enconding"] = "the same",
        ["transfer-encoding: Invalid OBS fold after chunked value"] = "obsolete line folding, a lenience of that parser",
    };

    [Fact]
    public void Cases_of_another_parser_are_judged_alike_or_more_strictly()
    {
        var cases = LlhttpCase.ReadAll(Requirement.Data("llhttp-http1", "response"));
        var wrong = new List<string>();
        var differences = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in cases)
        {
            var outcome = Http1ResponseTarget.Read(item.Input, item.Input.Length, item.SkipsBody, upgradeAsked: true);
            for (var piece = 1; piece < item.Input.Length; piece++)
                Assert.True(outcome.IsLike(Http1ResponseTarget.Read(item.Input, piece, item.SkipsBody, upgradeAsked: true)));

            if (outcome.End == ParseStep.Invalid && !item.Refused)
            {
                differences.Add(item.Name);
                if (!RefusedOnPurpose.ContainsKey(item.Name))
                    wrong.Add($"{item.Name} [{item.Type}]: refused, {outcome.Error}");
                continue;
            }

            if (item.Refused != (outcome.End == ParseStep.Invalid))
                wrong.Add($"{item.Name} [{item.Type}]: accepted");
            else if (!item.Refused && (item.Status != outcome.Status || item.BodyLength != outcome.Body.Length || item.Complete != outcome.End is ParseStep.End or ParseStep.Head))
                wrong.Add($"{item.Name} [{item.Type}]: {outcome} for {item}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(RefusedOnPurpose.Keys.Order(StringComparer.Ordinal), differences.Order(StringComparer.Ordinal));
        Assert.True(cases.Count >= 80, $"only {cases.Count} cases were found");
    }
}
