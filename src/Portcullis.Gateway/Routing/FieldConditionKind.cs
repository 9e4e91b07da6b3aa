namespace Portcullis.Gateway.Routing;

/// <summary>What a route asks of a header field or query parameter.</summary>
internal enum FieldConditionKind
{
    /// <summary>It is there, with any value, once or several times.</summary>
    Present,

    /// <summary>It is not there.</summary>
    Absent,

    /// <summary>It is there once, with exactly this value.</summary>
    Exact,

    /// <summary>It is there once, with a value that begins so.</summary>
    Prefix,

    /// <summary>It is there once, with a value that the regular expression matches as a whole.</summary>
    Regex,
}
