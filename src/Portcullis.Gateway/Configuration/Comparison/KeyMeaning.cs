using static Portcullis.Gateway.Configuration.Comparison.Judgement;
using static Portcullis.Gateway.Configuration.Comparison.Meaning;

namespace Portcullis.Gateway.Configuration.Comparison;

/// <summary>What changes of the key ring mean.</summary>
internal static class KeyMeaning
{
    private const string Source = "keys.wrappingKey.";

    public static IEnumerable<SecurityRule> Rules =>
    [
        Protection("file"),
        Protection("credential"),
        Protection("environment"),
        Protection("passphrase"),
        Limit("keys.rotation.tokenSigning", "period of keys that sign tokens"),
        Limit("keys.rotation.data", "period of keys that seal data"),
        Limit("keys.rotation.cookie", "period of keys that seal cookies"),
        Limit("keys.rotation.cache", "period of keys that seal cache entries"),
        Limit("keys.rotation.audit", "period of keys that sign the audit log"),
        Limit("keys.rotation.backup", "period of keys that seal backups"),
    ];

    private static SecurityRule Protection(string name) => new(
        Source + name,
        change => change.IsAdded
            ? Strengthens($"the wrapping key is protected by {name}")
            : change.IsRemoved ? Weakens($"the wrapping key is no longer protected by {name}") : Unclear($"the wrapping key is protected by another {name}"));
}
