namespace Portcullis.Control.Storage;

/// <summary>How a database stands to the schema that this program knows. Only <see cref="Current"/> is used as it is.</summary>
internal enum SchemaState
{
    /// <summary>It holds something else. Never touched.</summary>
    Foreign = 0,

    /// <summary>A newer program has changed it. Never touched.</summary>
    Newer = 1,

    /// <summary>It holds nothing yet.</summary>
    Empty = 2,

    /// <summary>An older program made it; migrations bring it up.</summary>
    Older = 3,

    /// <summary>As this program wants it.</summary>
    Current = 4,
}
