namespace Portcullis.Gateway.Tests.Http2;

/// <summary>Makes the answer to one stream of its frames.</summary>
internal sealed class ReplyReader
{
    private readonly List<byte> block = [];
    private readonly List<byte> body = [];
    private bool ends;

    public Http2Reply Reply { get; private set; } = new();

    public bool IsOver { get; private set; }

    public void Take(Http2Frame frame)
    {
        if (IsOver) return;
        switch (frame.Type)
        {
            case Http2FrameType.RstStream:
                Reply = Reply with { Reset = frame.Number };
                End();
                break;
            case Http2FrameType.Headers or Http2FrameType.Continuation:
                block.AddRange(frame.Payload);
                ends |= frame.EndsStream;
                if (frame.Has(Http2Frame.EndHeaders)) TakeFields();
                break;
            case Http2FrameType.Data:
                body.AddRange(frame.Payload);
                if (frame.EndsStream) End();
                break;
        }
    }

    /// <summary>The connection has ended.</summary>
    /// <param name="goAway">The frame that said so; null: none did.</param>
    public void TakeEnd(Http2Frame? goAway)
    {
        if (IsOver) return;
        Reply = goAway is null ? Reply with { Closed = true } : Reply with { GoAway = goAway.Number };
        End();
    }

    private void TakeFields()
    {
        var fields = PlainHpack.Decode(block.ToArray());
        block.Clear();
        if (fields.Any(field => field is { Name: ":status", Value: ['1', ..] })) return;
        Reply = Reply.Fields.Count == 0 ? Reply with { Fields = fields } : Reply with { Trailers = fields };
        if (ends) End();
    }

    private void End()
    {
        Reply = Reply with { Body = [.. body] };
        IsOver = true;
    }
}
