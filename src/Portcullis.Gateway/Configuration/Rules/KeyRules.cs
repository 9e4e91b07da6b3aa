using Portcullis.Trust.Keys;

namespace Portcullis.Gateway.Configuration.Rules;

/// <summary>The key ring: one source for its protection, and no weak choices without a word.</summary>
internal static class KeyRules
{
    private const int AdvisedLength = 20;

    // NIST SP 800-57 part 1, table 1: one to three years for keys that sign, up to two for keys that encrypt. The shorter end, for all.
    private static readonly TimeSpan LongestAdvised = TimeSpan.FromDays(366);

    public static void Check(RuleScope scope)
    {
        CheckSource(scope, scope.Options.Keys.WrappingKey);
        var rotation = scope.Options.Keys.Rotation;
        CheckPeriod(scope, "tokenSigning", rotation.TokenSigning);
        CheckPeriod(scope, "data", rotation.Data);
        CheckPeriod(scope, "cookie", rotation.Cookie);
        CheckPeriod(scope, "cache", rotation.Cache);
        CheckPeriod(scope, "audit", rotation.Audit);
        CheckPeriod(scope, "backup", rotation.Backup);
    }

    private static void CheckSource(RuleScope scope, WrappingKeyOptions key)
    {
        const string Path = "keys.wrappingKey";
        if (new object?[] { key.File, key.Credential, key.Environment, key.Passphrase }.Count(source => source is not null) > 1)
            scope.Error(Path, "names more than one source", "keep one of file, credential, environment and passphrase");

        if (key.File is { } file)
        {
            var data = System.IO.Path.GetFullPath(scope.Options.Data) + System.IO.Path.DirectorySeparatorChar;
            if (System.IO.Path.GetFullPath(file).StartsWith(data, StringComparison.Ordinal))
                scope.Warning(Path + ".file", "the key that protects the wrapping key lies beside it", "keep it outside the data directory, so that no copy of that has both");
        }

        if (key.Credential is { } credential && (credential.Length is 0 or > 255 || credential is "." or ".." || credential.AsSpan().ContainsAny('/', '\\', '\0')))
            scope.Error(Path + ".credential", $"{Excerpt.Quote(credential)} is no name of a credential", "write the name that LoadCredential= has before the colon");

        if (key.Environment is { } variable)
        {
            if (variable.Length is 0 or > 255 || variable.AsSpan().ContainsAny('=', '\0') || variable.StartsWith("PORTCULLIS__", StringComparison.Ordinal))
                scope.Error(Path + ".environment", $"{Excerpt.Quote(variable)} can't be the name of that variable", "write a name such as PORTCULLIS_WRAPPING_KEY; two underscores are for overrides of the configuration");
            else
                scope.Warning(Path + ".environment", "other programs of the same user can read the environment", "use credential or file");
        }

        if (key.Passphrase is not { } passphrase) return;
        if (!PassphraseEncryptionKey.IsLongEnough(passphrase))
            scope.Error(Path + ".passphrase", $"has fewer than {PassphraseEncryptionKey.MinimumLength} characters", "choose six random words or more: guessing it opens every key");
        else if (passphrase.Reveal().Length < AdvisedLength)
            scope.Warning(Path + ".passphrase", $"has fewer than {AdvisedLength} characters", "choose six random words or more: guessing it opens every key");
    }

    private static void CheckPeriod(RuleScope scope, string purpose, TimeSpan period)
    {
        if (period > LongestAdvised)
            scope.Warning($"keys.rotation.{purpose}", $"a key is used for {(int)period.TotalDays} days", "replace keys at least once a year");
    }
}
