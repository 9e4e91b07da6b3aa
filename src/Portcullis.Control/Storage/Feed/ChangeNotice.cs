namespace Portcullis.Control.Storage.Feed;

/// <summary>Something of a topic changed.</summary>
/// <param name="Topic">One of <see cref="ChangeTopic"/>.</param>
/// <param name="Key">What changed; null: everything may have.</param>
internal readonly record struct ChangeNotice(string Topic, string? Key);
