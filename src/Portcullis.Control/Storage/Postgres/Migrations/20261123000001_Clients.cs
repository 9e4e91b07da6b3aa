using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace Portcullis.Control.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Clients : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "changes",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    topic = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    key = table.Column<string>(type: "character varying(512)", maxLength: 512, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_changes", x => x.id);
                    table.CheckConstraint("CK_changes_key_length", "length(\"key\") <= 512");
                    table.CheckConstraint("CK_changes_topic_length", "length(\"topic\") <= 64");
                });

            migrationBuilder.CreateTable(
                name: "clients",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    permissions = table.Column<string>(type: "character varying(16384)", maxLength: 16384, nullable: false),
                    is_disabled = table.Column<bool>(type: "boolean", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_clients", x => x.id);
                    table.CheckConstraint("CK_clients_id_length", "length(\"id\") <= 64");
                    table.CheckConstraint("CK_clients_permissions_length", "length(\"permissions\") <= 16384");
                    table.CheckConstraint("CK_clients_secret_hash_length", "length(\"secret_hash\") <= 32");
                });

            // Written by hand: with the commit of a change every node hears of it. Storage/Postgres/PostgresChangeSource.cs listens.
            migrationBuilder.Sql("""
                CREATE FUNCTION portcullis_notify() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    PERFORM pg_notify('portcullis_changes', NEW.topic || coalesce(' ' || NEW.key, ''));
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER portcullis_notify AFTER INSERT ON changes FOR EACH ROW EXECUTE FUNCTION portcullis_notify();
                """);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "changes");

            migrationBuilder.Sql("DROP FUNCTION portcullis_notify();");

            migrationBuilder.DropTable(
                name: "clients");
        }
    }
}
