namespace Portcullis.Control.Storage.Feed;

/// <summary>What a look at the database found.</summary>
/// <param name="Asked">Timestamp before the look: all that was committed until then has been told.</param>
/// <param name="Notices">What changed since the look before; null: some notices are lost, and everything may have changed.</param>
internal readonly record struct ChangeBatch(long Asked, IReadOnlyList<ChangeNotice>? Notices);
