using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Portcullis.Gateway.Fields;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>One request after another of an HTTP/1.1 connection, and how its response is framed.</summary>
internal abstract class Http1Request(Http1Session session) : ClientRequest, IHttpUpgradeFeature
{
    /// <summary>Whether the connection stays open behind the response; known once it has started.</summary>
    public bool KeepsConnection { get; private set; }

    public ResponseFraming ResponseFraming { get; private set; }

    public override FieldTable RequestFields => session.Parser.Fields;

    public override string Version => session.Parser.Version;

    public bool IsUpgradableRequest => session.Parser.IsHttp11 && RequestFields.Upgrade.Count > 0 && ConnectionField.Names(RequestFields.Connection, "upgrade") && !session.Body.IsPresent;

    protected override string SentMethod => session.Parser.Method;

    protected override string SentTarget => session.Parser.Target;

    protected override ClientConnection Client => session.Client;

    protected override ConnectionFeatures Facts => session.Features;

    protected override RequestContent Content => session.Body;

    protected override ResponseContent Response => session.Writer;

    protected override CancellationToken Aborted => session.Aborted;

    protected override bool KnowsContinue => session.Parser.IsHttp11;

    public override void Abort() => session.Abort();

    public override void RequestClose() => session.EndAfterResponse();

    public override void Begin()
    {
        base.Begin();
        KeepsConnection = false;
    }

    public async Task<Stream> UpgradeAsync()
    {
        if (!IsUpgradableRequest) throw new InvalidOperationException("The request can't be upgraded.");
        if (HasStarted) throw new InvalidOperationException("The response has started.");
        StatusCode = StatusCodes.Status101SwitchingProtocols;
        IsUpgraded = true;
        await session.Writer.FlushAsync();
        return session.Upgrade();
    }

    /// <summary>Decides how the body is framed (RFC 9112 §6).</summary>
    /// <param name="isWhole">What has been written is all.</param>
    /// <param name="written">Octets of body that have been written.</param>
    public ResponseFraming StartResponse(bool isWhole, int written)
    {
        var fields = ResponseFields;
        StatedLength = fields.ContentLength ?? 0;
        if (IsUpgraded) return ResponseFraming = ResponseFraming.Upgraded;
        var closes = session.IsLast || session.Body.HasFailed || (ExpectsContinue && !session.Body.IsConsumed) || ConnectionField.Names(fields.Connection, "close");
        if (StatusCode == StatusCodes.Status204NoContent) fields.ContentLength = null;
        if (Method == HttpMethods.Head || StatusCode is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified)
        {
            ResponseFraming = ResponseFraming.None;
        }
        else if (fields.ContentLength is not null)
        {
            ResponseFraming = ResponseFraming.Length;
        }
        else if (isWhole)
        {
            fields.ContentLength = StatedLength = written;
            ResponseFraming = ResponseFraming.Length;
        }
        else if (session.Parser.IsHttp11)
        {
            ResponseFraming = ResponseFraming.Chunked;
        }
        else
        {
            ResponseFraming = ResponseFraming.UntilClose;
            closes = true;
        }

        KeepsConnection = !closes;
        return ResponseFraming;
    }

    /// <summary>The head, which is to be used before anything else writes one on this thread.</summary>
    public ResponseHead WriteHead()
    {
        var head = ResponseHead.Begin(StatusCode, ReasonPhrase);
        head.AppendFields(ResponseFields);
        if (ResponseFields.ContentLength is { } length && ResponseFraming != ResponseFraming.Upgraded) head.AppendLength(length);
        if (ResponseFraming == ResponseFraming.Upgraded) head.Append("Connection: Upgrade\r\n"u8);
        else if (!KeepsConnection) head.Append("Connection: close\r\n"u8);
        else if (!session.Parser.IsHttp11) head.Append("Connection: keep-alive\r\n"u8);
        if (ResponseFraming == ResponseFraming.Chunked) head.Append("Transfer-Encoding: chunked\r\n"u8);
        if (!ResponseFields.ContainsKey(HeaderNames.Date)) head.Append(session.Date.Current);
        head.Append("\r\n"u8);
        return head;
    }
}
