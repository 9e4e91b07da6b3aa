using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Portcullis.Control.Storage.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Identity : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "access_reviews",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    due = table.Column<long>(type: "bigint", nullable: false),
                    closed = table.Column<long>(type: "bigint", nullable: true),
                    reviewer = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: true),
                    findings = table.Column<byte[]>(type: "bytea", maxLength: 4194304, nullable: true),
                    signature = table.Column<string>(type: "character varying(4096)", maxLength: 4096, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_access_reviews", x => x.id);
                    table.CheckConstraint("CK_access_reviews_findings_length", "length(\"findings\") <= 4194304");
                    table.CheckConstraint("CK_access_reviews_reviewer_length", "length(\"reviewer\") <= 128");
                    table.CheckConstraint("CK_access_reviews_signature_length", "length(\"signature\") <= 4096");
                });

            migrationBuilder.CreateTable(
                name: "api_keys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    prefix = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    holder_kind = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    holder_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    scope = table.Column<string>(type: "character varying(16384)", maxLength: 16384, nullable: false),
                    label = table.Column<byte[]>(type: "bytea", maxLength: 512, nullable: true),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: true),
                    last_used = table.Column<long>(type: "bigint", nullable: true),
                    revoked = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_api_keys", x => x.id);
                    table.CheckConstraint("CK_api_keys_hash_length", "length(\"hash\") <= 32");
                    table.CheckConstraint("CK_api_keys_holder_id_length", "length(\"holder_id\") <= 64");
                    table.CheckConstraint("CK_api_keys_holder_kind_length", "length(\"holder_kind\") <= 16");
                    table.CheckConstraint("CK_api_keys_label_length", "length(\"label\") <= 512");
                    table.CheckConstraint("CK_api_keys_prefix_length", "length(\"prefix\") <= 16");
                    table.CheckConstraint("CK_api_keys_scope_length", "length(\"scope\") <= 16384");
                });

            migrationBuilder.CreateTable(
                name: "client_assertions",
                columns: table => new
                {
                    client_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    id_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    until = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_client_assertions", x => new { x.client_id, x.id_hash });
                    table.CheckConstraint("CK_client_assertions_client_id_length", "length(\"client_id\") <= 64");
                    table.CheckConstraint("CK_client_assertions_id_hash_length", "length(\"id_hash\") <= 32");
                });

            migrationBuilder.CreateTable(
                name: "people",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    name = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    password_hash = table.Column<string>(type: "character varying(512)", maxLength: 512, nullable: true),
                    password_changed = table.Column<long>(type: "bigint", nullable: true),
                    is_disabled = table.Column<bool>(type: "boolean", nullable: false),
                    requires_mfa = table.Column<bool>(type: "boolean", nullable: false),
                    mfa_enrolled = table.Column<long>(type: "bigint", nullable: true),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    last_failure = table.Column<long>(type: "bigint", nullable: true),
                    security_stamp = table.Column<Guid>(type: "uuid", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_people", x => x.id);
                    table.CheckConstraint("CK_people_name_hash_length", "length(\"name_hash\") <= 32");
                    table.CheckConstraint("CK_people_name_length", "length(\"name\") <= 1024");
                    table.CheckConstraint("CK_people_password_hash_length", "length(\"password_hash\") <= 512");
                });

            migrationBuilder.CreateTable(
                name: "permission_uses",
                columns: table => new
                {
                    day = table.Column<DateOnly>(type: "date", nullable: false),
                    caller_kind = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    caller_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    permission = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    count = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_permission_uses", x => new { x.day, x.caller_kind, x.caller_id, x.permission });
                    table.CheckConstraint("CK_permission_uses_caller_id_length", "length(\"caller_id\") <= 64");
                    table.CheckConstraint("CK_permission_uses_caller_kind_length", "length(\"caller_kind\") <= 16");
                    table.CheckConstraint("CK_permission_uses_permission_length", "length(\"permission\") <= 128");
                });

            migrationBuilder.CreateTable(
                name: "revocations",
                columns: table => new
                {
                    kind = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    value = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    until = table.Column<long>(type: "bigint", nullable: false),
                    reason = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_revocations", x => new { x.kind, x.value });
                    table.CheckConstraint("CK_revocations_kind_length", "length(\"kind\") <= 16");
                    table.CheckConstraint("CK_revocations_reason_length", "length(\"reason\") <= 64");
                    table.CheckConstraint("CK_revocations_value_length", "length(\"value\") <= 128");
                });

            migrationBuilder.CreateTable(
                name: "role_grants",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    holder_kind = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    holder_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    role = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    tenant = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    granted_by = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_role_grants", x => x.id);
                    table.CheckConstraint("CK_role_grants_granted_by_length", "length(\"granted_by\") <= 128");
                    table.CheckConstraint("CK_role_grants_holder_id_length", "length(\"holder_id\") <= 64");
                    table.CheckConstraint("CK_role_grants_holder_kind_length", "length(\"holder_kind\") <= 16");
                    table.CheckConstraint("CK_role_grants_role_length", "length(\"role\") <= 64");
                    table.CheckConstraint("CK_role_grants_tenant_length", "length(\"tenant\") <= 64");
                });

            migrationBuilder.CreateTable(
                name: "subject_keys",
                columns: table => new
                {
                    subject_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key = table.Column<byte[]>(type: "bytea", maxLength: 128, nullable: true),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    destroyed = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subject_keys", x => x.subject_id);
                    table.CheckConstraint("CK_subject_keys_key_length", "length(\"key\") <= 128");
                });

            migrationBuilder.CreateTable(
                name: "authorization_codes",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    client_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    session_id = table.Column<Guid>(type: "uuid", nullable: false),
                    redirect_uri = table.Column<string>(type: "character varying(2048)", maxLength: 2048, nullable: false),
                    code_challenge = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    scope = table.Column<string>(type: "character varying(16384)", maxLength: 16384, nullable: false),
                    nonce = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    authenticated = table.Column<long>(type: "bigint", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    spent = table.Column<long>(type: "bigint", nullable: true),
                    family_id = table.Column<Guid>(type: "uuid", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_authorization_codes", x => x.hash);
                    table.CheckConstraint("CK_authorization_codes_client_id_length", "length(\"client_id\") <= 64");
                    table.CheckConstraint("CK_authorization_codes_code_challenge_length", "length(\"code_challenge\") <= 43");
                    table.CheckConstraint("CK_authorization_codes_hash_length", "length(\"hash\") <= 32");
                    table.CheckConstraint("CK_authorization_codes_nonce_length", "length(\"nonce\") <= 256");
                    table.CheckConstraint("CK_authorization_codes_redirect_uri_length", "length(\"redirect_uri\") <= 2048");
                    table.CheckConstraint("CK_authorization_codes_scope_length", "length(\"scope\") <= 16384");
                    table.ForeignKey(
                        name: "FK_authorization_codes_people_person_id",
                        column: x => x.person_id,
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "passkeys",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    credential_id = table.Column<byte[]>(type: "bytea", maxLength: 1023, nullable: false),
                    public_key = table.Column<byte[]>(type: "bytea", maxLength: 2048, nullable: false),
                    signature_count = table.Column<long>(type: "bigint", nullable: false),
                    transports = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    authenticator_model = table.Column<Guid>(type: "uuid", nullable: false),
                    is_discoverable = table.Column<bool>(type: "boolean", nullable: false),
                    is_backup_eligible = table.Column<bool>(type: "boolean", nullable: false),
                    is_backed_up = table.Column<bool>(type: "boolean", nullable: false),
                    label = table.Column<byte[]>(type: "bytea", maxLength: 512, nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    last_used = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_passkeys", x => x.id);
                    table.CheckConstraint("CK_passkeys_credential_id_length", "length(\"credential_id\") <= 1023");
                    table.CheckConstraint("CK_passkeys_label_length", "length(\"label\") <= 512");
                    table.CheckConstraint("CK_passkeys_public_key_length", "length(\"public_key\") <= 2048");
                    table.CheckConstraint("CK_passkeys_transports_length", "length(\"transports\") <= 128");
                    table.ForeignKey(
                        name: "FK_passkeys_people_person_id",
                        column: x => x.person_id,
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "recovery_codes",
                columns: table => new
                {
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    used = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_recovery_codes", x => new { x.person_id, x.hash });
                    table.CheckConstraint("CK_recovery_codes_hash_length", "length(\"hash\") <= 32");
                    table.ForeignKey(
                        name: "FK_recovery_codes_people_person_id",
                        column: x => x.person_id,
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "refresh_families",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    client_id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: true),
                    session_id = table.Column<Guid>(type: "uuid", nullable: true),
                    scope = table.Column<string>(type: "character varying(16384)", maxLength: 16384, nullable: false),
                    authenticated = table.Column<long>(type: "bigint", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    ended = table.Column<long>(type: "bigint", nullable: true),
                    end_reason = table.Column<string>(type: "character varying(32)", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_refresh_families", x => x.id);
                    table.CheckConstraint("CK_refresh_families_client_id_length", "length(\"client_id\") <= 64");
                    table.CheckConstraint("CK_refresh_families_end_reason_length", "length(\"end_reason\") <= 32");
                    table.CheckConstraint("CK_refresh_families_scope_length", "length(\"scope\") <= 16384");
                    table.ForeignKey(
                        name: "FK_refresh_families_people_person_id",
                        column: x => x.person_id,
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "sessions",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    token_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    security_stamp = table.Column<Guid>(type: "uuid", nullable: false),
                    methods = table.Column<string>(type: "character varying(128)", maxLength: 128, nullable: false),
                    authenticated = table.Column<long>(type: "bigint", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    last_seen = table.Column<long>(type: "bigint", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    ended = table.Column<long>(type: "bigint", nullable: true),
                    device = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    address = table.Column<byte[]>(type: "bytea", maxLength: 256, nullable: false),
                    content = table.Column<byte[]>(type: "bytea", maxLength: 32768, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sessions", x => x.id);
                    table.CheckConstraint("CK_sessions_address_length", "length(\"address\") <= 256");
                    table.CheckConstraint("CK_sessions_content_length", "length(\"content\") <= 32768");
                    table.CheckConstraint("CK_sessions_device_length", "length(\"device\") <= 1024");
                    table.CheckConstraint("CK_sessions_methods_length", "length(\"methods\") <= 128");
                    table.CheckConstraint("CK_sessions_token_hash_length", "length(\"token_hash\") <= 32");
                    table.ForeignKey(
                        name: "FK_sessions_people_person_id",
                        column: x => x.person_id,
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "totp_secrets",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    person_id = table.Column<Guid>(type: "uuid", nullable: false),
                    secret = table.Column<byte[]>(type: "bytea", maxLength: 256, nullable: false),
                    last_step = table.Column<long>(type: "bigint", nullable: false),
                    confirmed = table.Column<long>(type: "bigint", nullable: true),
                    created = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_totp_secrets", x => x.id);
                    table.CheckConstraint("CK_totp_secrets_secret_length", "length(\"secret\") <= 256");
                    table.ForeignKey(
                        name: "FK_totp_secrets_people_person_id",
                        column: x => x.person_id,
                        principalTable: "people",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "refresh_tokens",
                columns: table => new
                {
                    hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: false),
                    family_id = table.Column<Guid>(type: "uuid", nullable: false),
                    parent_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: true),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    spent = table.Column<long>(type: "bigint", nullable: true),
                    successor_hash = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: true),
                    successor = table.Column<byte[]>(type: "bytea", maxLength: 256, nullable: true),
                    evidence = table.Column<byte[]>(type: "bytea", maxLength: 32, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_refresh_tokens", x => x.hash);
                    table.CheckConstraint("CK_refresh_tokens_evidence_length", "length(\"evidence\") <= 32");
                    table.CheckConstraint("CK_refresh_tokens_hash_length", "length(\"hash\") <= 32");
                    table.CheckConstraint("CK_refresh_tokens_parent_hash_length", "length(\"parent_hash\") <= 32");
                    table.CheckConstraint("CK_refresh_tokens_successor_hash_length", "length(\"successor_hash\") <= 32");
                    table.CheckConstraint("CK_refresh_tokens_successor_length", "length(\"successor\") <= 256");
                    table.ForeignKey(
                        name: "FK_refresh_tokens_refresh_families_family_id",
                        column: x => x.family_id,
                        principalTable: "refresh_families",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_access_reviews_due",
                table: "access_reviews",
                column: "due");

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_holder_kind_holder_id",
                table: "api_keys",
                columns: new[] { "holder_kind", "holder_id" });

            migrationBuilder.CreateIndex(
                name: "IX_api_keys_prefix",
                table: "api_keys",
                column: "prefix",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_authorization_codes_expires",
                table: "authorization_codes",
                column: "expires");

            migrationBuilder.CreateIndex(
                name: "IX_authorization_codes_person_id",
                table: "authorization_codes",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "IX_client_assertions_until",
                table: "client_assertions",
                column: "until");

            migrationBuilder.CreateIndex(
                name: "IX_passkeys_credential_id",
                table: "passkeys",
                column: "credential_id",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_passkeys_person_id",
                table: "passkeys",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "IX_people_name_hash",
                table: "people",
                column: "name_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_permission_uses_caller_kind_caller_id_permission",
                table: "permission_uses",
                columns: new[] { "caller_kind", "caller_id", "permission" });

            migrationBuilder.CreateIndex(
                name: "IX_refresh_families_client_id",
                table: "refresh_families",
                column: "client_id");

            migrationBuilder.CreateIndex(
                name: "IX_refresh_families_expires",
                table: "refresh_families",
                column: "expires");

            migrationBuilder.CreateIndex(
                name: "IX_refresh_families_person_id",
                table: "refresh_families",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "IX_refresh_families_session_id",
                table: "refresh_families",
                column: "session_id");

            migrationBuilder.CreateIndex(
                name: "IX_refresh_tokens_family_id",
                table: "refresh_tokens",
                column: "family_id");

            migrationBuilder.CreateIndex(
                name: "IX_revocations_until",
                table: "revocations",
                column: "until");

            migrationBuilder.CreateIndex(
                name: "IX_role_grants_holder_kind_holder_id_role_tenant",
                table: "role_grants",
                columns: new[] { "holder_kind", "holder_id", "role", "tenant" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_role_grants_role",
                table: "role_grants",
                column: "role");

            migrationBuilder.CreateIndex(
                name: "IX_sessions_expires",
                table: "sessions",
                column: "expires");

            migrationBuilder.CreateIndex(
                name: "IX_sessions_person_id",
                table: "sessions",
                column: "person_id");

            migrationBuilder.CreateIndex(
                name: "IX_sessions_token_hash",
                table: "sessions",
                column: "token_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_totp_secrets_person_id",
                table: "totp_secrets",
                column: "person_id");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "access_reviews");

            migrationBuilder.DropTable(
                name: "api_keys");

            migrationBuilder.DropTable(
                name: "authorization_codes");

            migrationBuilder.DropTable(
                name: "client_assertions");

            migrationBuilder.DropTable(
                name: "passkeys");

            migrationBuilder.DropTable(
                name: "permission_uses");

            migrationBuilder.DropTable(
                name: "recovery_codes");

            migrationBuilder.DropTable(
                name: "refresh_tokens");

            migrationBuilder.DropTable(
                name: "revocations");

            migrationBuilder.DropTable(
                name: "role_grants");

            migrationBuilder.DropTable(
                name: "sessions");

            migrationBuilder.DropTable(
                name: "subject_keys");

            migrationBuilder.DropTable(
                name: "totp_secrets");

            migrationBuilder.DropTable(
                name: "refresh_families");

            migrationBuilder.DropTable(
                name: "people");
        }
    }
}
