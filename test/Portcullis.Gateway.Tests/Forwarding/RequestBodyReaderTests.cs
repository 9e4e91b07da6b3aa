using System.IO.Pipelines;
using Portcullis.Gateway.Forwarding;

namespace Portcullis.Gateway.Tests.Forwarding;

public sealed class RequestBodyReaderTests
{
    [Fact]
    public async Task Body_is_begun_when_octets_of_it_are_taken_and_not_when_they_are_looked_at()
    {
        var request = new UpstreamRequest();
        using var timer = new TryTimer(TimeProvider.System);
        var body = new RequestBodyReader(request, timer, TimeProvider.System);
        body.Attach(PipeReader.Create(new("hello"u8.ToArray())), null, TimeSpan.FromSeconds(30), 240, CancellationToken.None);
        Assert.True(body.TryRead(out var read));
        body.AdvanceTo(read.Buffer.Start);
        Assert.False(request.BodyStarted);

        // Given back, they are there for another connection.
        read = await body.ReadAsync();
        Assert.Equal(5, read.Buffer.Length);
        body.AdvanceTo(read.Buffer.GetPosition(1));
        Assert.True(request.BodyStarted);
    }
}
