namespace Portcullis.Waf.Bodies;

/// <summary>How the reading of a body ended. What was read before an error has been passed on. The default is an error: nothing was read.</summary>
internal readonly struct BodyResult
{
    /// <summary>The error of a body with more arguments than SecArgumentsLimit.</summary>
    public const string ArgumentLimit = "SecArgumentsLimit exceeded";

    private const string Unread = "Body not read";

    private readonly bool isRead;
    private readonly string? error;

    private BodyResult(bool isRead, string? error, int offset, int arguments)
        => (this.isRead, this.error, Offset, Arguments) = (isRead, error, offset, arguments);

    /// <summary>REQBODY_ERROR.</summary>
    public bool IsError => !isRead;

    /// <summary>REQBODY_ERROR_MSG: which rule was broken; no text of the client's. Empty without an error.</summary>
    public string Message => isRead ? string.Empty : error ?? Unread;

    /// <summary>Where in the body the error is, in bytes from its start; a body that ends too early has it at its end.</summary>
    public int Offset { get; }

    /// <summary>Arguments passed on.</summary>
    public int Arguments { get; }

    public bool IsArgumentLimitReached => ReferenceEquals(error, ArgumentLimit);

    public static BodyResult Read(int arguments) => new(isRead: true, error: null, offset: 0, arguments);

    public static BodyResult Failed(string error, int offset, int arguments) => new(isRead: false, error, offset, arguments);

    public override string ToString() => isRead ? $"{Arguments} arguments" : $"{Message} at byte {Offset}";
}
