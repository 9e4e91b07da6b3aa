using Microsoft.AspNetCore.Http.Features;

namespace Portcullis.Gateway.Connections.Http1;

/// <summary>The answer to what could not become a request.</summary>
internal static class Refusal
{
    /// <summary>Asks for the answer; where that fails the status alone is one.</summary>
    public static RefusalReply Make(ClientSessions sessions, ClientConnection client, IFeatureCollection request, int status, string cause, bool isHeadWhole)
    {
        try
        {
            return sessions.Refusals.Answer(request, status, cause, isHeadWhole);
        }
        catch (Exception exception)
        {
            ConnectionLog.ConnectionFailed(sessions.Logger, exception, client.Peer);
            return new RefusalReply(default, []);
        }
    }

    /// <summary>The whole response.</summary>
    public static byte[] Write(int status, in RefusalReply reply, DateField date, bool withoutBody)
    {
        var response = ResponseHead.Begin(status, null);
        if (!reply.Body.IsEmpty) response.Append("Content-Type: application/problem+json\r\n"u8);
        response.AppendLength(reply.Body.Length);
        response.Append("Cache-Control: no-store\r\nConnection: close\r\n"u8);
        response.Append(date.Current);
        foreach (var (name, value) in reply.Fields) response.AppendField(name, value);
        response.Append("\r\n"u8);
        if (!withoutBody) response.Append(reply.Body.Span);
        return response.Written.ToArray();
    }
}
