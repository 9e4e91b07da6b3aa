using System.Text;

namespace Portcullis.Gateway.Tests.Http2;

/// <summary>How the server answered a stream: a response, a reset, a GOAWAY, or the end of the connection.</summary>
internal sealed record Http2Reply
{
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];

    public IReadOnlyList<(string Name, string Value)> Trailers { get; init; } = [];

    public byte[] Body { get; init; } = [];

    /// <summary>The response's status; 0 without one.</summary>
    public int Status => int.TryParse(this[":status"], out var status) ? status : 0;

    public string Text => Encoding.UTF8.GetString(Body);

    /// <summary>Error code of RST_STREAM.</summary>
    public uint? Reset { get; init; }

    /// <summary>Error code of GOAWAY.</summary>
    public uint? GoAway { get; init; }

    /// <summary>Whether the connection ended before the stream did.</summary>
    public bool Closed { get; init; }

    /// <summary>Whether the request was turned away below HTTP: reset, GOAWAY or closed.</summary>
    public bool IsCut => Reset is not null || GoAway is not null || Closed;

    public string? this[string name] => Fields.FirstOrDefault(field => field.Name == name).Value;

    public override string ToString() => $"status={Status} reset={Reset} goaway={GoAway} closed={Closed} body={Text}";
}
