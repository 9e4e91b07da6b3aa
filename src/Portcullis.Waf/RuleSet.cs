using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using Portcullis.Waf.Builtin;
using Portcullis.Waf.Bytes;
using Portcullis.Waf.Engine;
using Portcullis.Waf.Rules;
using Portcullis.Waf.SecLang;
using Portcullis.Waf.Variables;

namespace Portcullis.Waf;

/// <summary>
/// Compiled rules, shared by everything that uses them: load once with <see cref="Load"/>, then <see cref="Begin"/> a transaction per request. Immutable but
/// for its pool of transactions; safe for concurrent use.
/// </summary>
public sealed class RuleSet
{
    /// <summary>Transactions kept for reuse; at the cap a finished one is left to the garbage collector.</summary>
    public const int MaximumPooled = 256;

    /// <summary>The name of the rules that this library brings along.</summary>
    public const string Builtin = "builtin";

    /// <summary>The largest rule file that is read, in bytes.</summary>
    public const int MaximumFileSize = 16 * 1024 * 1024;

    private readonly ConcurrentBag<Transaction> pool = [];
    private int pooled;

    private RuleSet(RulePlan plan, IReadOnlyList<string> files)
    {
        Plan = plan;
        Files = files;
        InboundScores = Names("blocking_inbound_anomaly_score", "anomaly_score");
        OutboundScores = Names("blocking_outbound_anomaly_score", "outbound_anomaly_score");
        ResponseBodyTypes = [.. plan.Settings.ResponseBodyTypes.Select(Encoding.ASCII.GetBytes)];
        WebAppId = Slice.Of(plan.Settings.WebAppId);
        Build = Slice.Of(typeof(RuleSet).Assembly.GetName().Version?.ToString(3) ?? "0");
    }

    /// <summary>Every file that was read, in order.</summary>
    public IReadOnlyList<string> Files { get; }

    /// <summary>What the directives state.</summary>
    public RuleSettings Settings => Plan.Settings;

    /// <summary>How many rules there are; a chain is one.</summary>
    public int RuleCount => Plan.Rules.Length;

    internal RulePlan Plan { get; }

    internal (int NameId, Slice Name)[] InboundScores { get; }

    internal (int NameId, Slice Name)[] OutboundScores { get; }

    internal byte[][] ResponseBodyTypes { get; }

    internal Slice WebAppId { get; }

    internal Slice Build { get; }

    /// <summary>Loads rule files in the given order.</summary>
    /// <param name="sources">Paths, also with wildcards, and <see cref="Builtin"/>.</param>
    /// <param name="directory">What relative paths are relative to.</param>
    /// <returns>The rules; or all that is wrong with them, never both.</returns>
    public static RuleSetResult Load(IReadOnlyList<string> sources, string directory)
    {
        var loader = new RuleLoader();
        foreach (var source in sources)
        {
            if (source == Builtin) BuiltinRules.Load(loader.Files);
            else loader.Files.Include(source, directory, new SourceLocation(source, 0));
        }

        return Finish(loader);
    }

    /// <summary>
    /// The files that <see cref="Load"/> would read, word lists included, without compiling anything: for one that watches them. What can't be read, or is
    /// missing, is among them where it has a name.
    /// </summary>
    /// <param name="sources">As for <see cref="Load"/>.</param>
    /// <param name="directory">What relative paths are relative to.</param>
    public static IReadOnlyList<string> FilesOf(IReadOnlyList<string> sources, string directory) => RuleFileList.Of(sources, directory);

    /// <summary>Compiles the text of one file. Included files are relative to <paramref name="file"/>.</summary>
    public static RuleSetResult Parse(string text, string file = "rules.conf")
    {
        var loader = new RuleLoader();
        loader.Files.Parse(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text)), file);
        return Finish(loader);
    }

    /// <summary>Whether a rule with the id is in the set.</summary>
    public bool Contains(long ruleId) => Array.Exists(Plan.Rules, rule => rule.Id == ruleId);

    /// <summary>Makes ready what one place of use wants.</summary>
    /// <param name="options">What it wants.</param>
    /// <param name="errors">All that is wrong with it: unknown rules, targets that are none. Empty where there is a result.</param>
    /// <returns>The settings, or null if there are errors.</returns>
    public TransactionSettings? Prepare(InspectionOptions options, out IReadOnlyList<string> errors)
    {
        var wrong = new List<string>();
        var settings = SettingsCompiler.Compile(Plan, options, wrong);
        errors = wrong;
        return settings;
    }

    /// <summary>Begins a transaction.</summary>
    /// <param name="settings">What the place of use wants; from <see cref="Prepare"/>.</param>
    /// <param name="collections">What rules remember between transactions; null for nothing.</param>
    /// <param name="clock">The clock; the system's by default.</param>
    public Transaction Begin(TransactionSettings settings, PersistentCollections? collections = null, TimeProvider? clock = null)
    {
        if (settings.Owner != Plan) throw new ArgumentException("The settings are of another rule set.", nameof(settings));
        if (pool.TryTake(out var transaction)) Interlocked.Decrement(ref pooled);
        else transaction = new Transaction(this);
        transaction.Begin(settings, collections, clock ?? TimeProvider.System);
        return transaction;
    }

    internal void Return(Transaction transaction)
    {
        if (Interlocked.Increment(ref pooled) <= MaximumPooled) pool.Add(transaction);
        else Interlocked.Decrement(ref pooled);
    }

    private static RuleSetResult Finish(RuleLoader loader)
    {
        var plan = RuleCompiler.Compile(loader);
        return loader.Errors.Count > 0
            ? new RuleSetResult(null, [.. loader.Errors.OrderBy(error => error.Location.File, StringComparer.Ordinal).ThenBy(error => error.Location.Line)], loader.Notes)
            : new RuleSetResult(new RuleSet(plan, [.. loader.Files.Read]), [], loader.Notes);
    }

    private (int NameId, Slice Name)[] Names(params string[] names)
    {
        var found = new List<(int, Slice)>();
        foreach (var name in names)
        {
            var bytes = Slice.Of(name);
            var id = Plan.Names.Find(bytes.Span);
            if (id != NameTable.Unknown) found.Add((id, bytes));
        }

        return [.. found];
    }
}
