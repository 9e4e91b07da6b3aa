namespace Portcullis.Trust.Tests;

/// <summary>Where a key ring's files are in a test's directory.</summary>
internal static class RingFiles
{
    extension(TemporaryDirectory directory)
    {
        /// <summary>The ring's directory, not made yet.</summary>
        public string Keys => directory.At("keys");

        public string Wrapping => directory.At("keys/wrapping.key");

        public string Ring => directory.At("keys/ring.json");
    }
}
