#include "sync/event/person.h"

#include "sync/base/json.h"
#include "sync/base/mem.h"
#include "sync/base/utf8.h"
#include "tests/support/event_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static json_t *body_of(const char *text) {
    json_t *body = NULL;
    assert_int_equal(json_parse(text, strlen(text), &body), ERR_NONE);
    return body;
}

static const struct {
    const char *text, *folded;
} foldings[] = {
    // Latin with marks and with letters that NFKD leaves whole
    {"Zoë Müller", " zoe muller "},
    {"Łukasz Wałęsa", " lukasz walesa "},
    {"Bjørn Åsgård", " bjorn asgard "},
    {"Đorđe Đặng", " dorde dang "},
    {"Guðrún Þórðardóttir", " gudrun thordardottir "},
    {"Weiß", " weiss "},
    {"WEISS", " weiss "},
    {"WEIẞ", " weiss "},
    {"Æsa Œuvre", " aesa oeuvre "},
    {"Işıl", " isil "},
    {"İsmail", " ismail "},
    {"ISIL", " isil "},
    {"Əliyev Ħamrun Ŋgugi Ŧ", " eliyev hamrun ngugi t "},
    {"Čapek Šťastný", " capek stastny "},
    {"Ğ Ș Ț", " g s t "},
    // Vietnamese: two marks on one letter
    {"Nguyễn Thị Hằng", " nguyen thi hang "},
    // decomposed and composed are one
    {"e\xcc\x81", " e "},
    {"\xc3\xa9", " e "},
    // Greek, final sigma; Cyrillic, й and ё; Armenian; Georgian
    {"Γιώργος Παπαδόπουλος", " γιωργοσ παπαδοπουλοσ "},
    {"Ёлкин Йод", " елкин иод "},
    {"Արամ", " արամ "},
    {"გიორგი", " გიორგი "},
    // Hebrew points go, letters stay; Arabic harakat and tatweel
    {"שָׁלוֹם", " שלום "},
    {"مُحَمَّد", " محمد "},
    // Indic, Thai: vowels written as marks stay
    {"अनिल शर्मा", " अनिल शर्मा "},
    {"தமிழ்", " தமிழ் "},
    {"สมชาย", " สมชาย "},
    {"ปิ่น", " ปิ่น "},
    // CJK, Hangul (as its letters, composed or not), kana, full and half width
    {"李小龍", " 李小龍 "},
    {"김철수", " 김철수 "},
    {"ﾔﾏﾀﾞ", " ヤマダ "},
    {"ヤマダ", " ヤマダ "},
    {"ＡＢＣ　１２３", " abc 123 "},
    // Ethiopic, Cherokee
    {"አበበ", " አበበ "},
    // words
    {"O'Brien", " obrien "},
    {"O’Brien", " obrien "},
    {"Mary-Jane  Smith,Jr.", " mary jane smith jr "},
    {"  padded\t\ntext ", " padded text "},
    {"ﬁ ﬂ ﬀ", " fi fl ff "},
    {"№ 5 ²", " no 5 2 "},
    {"AT&T", " at t "},
    {"Zo\xe2\x80\x8d\xc3\xab", " zoe "}, // a joiner inside
    {"a\xc2\xadz", " az "},              // soft hyphen
    {"…", " "},
    {"", " "},
    {"---", " "},
    {"👩‍🚀 Ada", " ada "},
    {"\xff"
     "a\xc3",
     " a "}, // not UTF-8: what can be read
};

static void test_folding(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof foldings / sizeof *foldings; i++) {
        char got[256], want[256];
        person_fold(foldings[i].text, got, sizeof got);
        person_fold(foldings[i].folded, want, sizeof want);
        if (strcmp(got, want) != 0) {
            print_message("\"%s\": \"%s\", not \"%s\"\n", foldings[i].text, got,
                          foldings[i].folded);
        }
        // Hangul and kana are kept as their parts: composed literals are folded first.
        bool is_parts =
            strchr("\xe3\xea\xed", foldings[i].folded[1]) && foldings[i].folded[1];
        assert_string_equal(got, is_parts ? want : foldings[i].folded);
        assert_string_equal(want, got); // folding twice changes nothing
    }
}

// Names that differ for their owners stay different.
static void test_folding_keeps_apart(void **state) {
    (void)state;
    static const char *const rows[][2] = {
        {"अनिल", "अनल"}, {"สมชาย", "สมชยา"}, {"ปิ่น", "ปน"},
        {"김", "기"},    {"李", "季"},       {"தமிழ்", "தமழ"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char a[128], b[128];
        person_fold(rows[i][0], a, sizeof a);
        person_fold(rows[i][1], b, sizeof b);
        assert_string_not_equal(a, b);
    }
}

static void check_folded(const char *out, size_t size) {
    size_t len = strlen(out);
    assert_true(len < size);
    assert_true(utf8_is_valid(out, len));
    if (size >= 3) {
        assert_true(len == 0 || (out[0] == ' ' && out[len - 1] == ' '));
        assert_null(strstr(out, "  "));
    }
}

// Any bytes into any size: no overflow, whole characters, words apart by one blank.
static void test_folding_any_bytes_into_any_size(void **state) {
    (void)state;
    const char *given = getenv("FOYER_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 0) : 1903;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (int round = 0; round < 20000; round++) {
        char text[300];
        size_t len = (size_t)(kit_random(&seed) % sizeof text);
        for (size_t i = 0; i < len; i++) {
            uint64_t r = kit_random(&seed);
            text[i] = (char)(round & 1 ? r : (r & 1 ? 0x20 + r % 95 : 0xc2 + r % 50));
        }
        text[len ? len - 1 : 0] = '\0';
        size_t size = 1 + (size_t)(kit_random(&seed) % 64);
        size = round % 8 == 0 ? PERSON_KEY_MAX : size;
        char *out = mem_alloc(size, 1); // exact: an overflow is seen
        person_fold(text, out, size);
        check_folded(out, size);
        mem_free(out);
    }
    // One character that unfolds into eighteen.
    for (size_t size = 1; size < 80; size++) {
        char *out = mem_alloc(size, 1);
        person_fold("ﷺﷺ", out, size);
        check_folded(out, size);
        mem_free(out);
    }
}

static void test_person_is_read_whole(void **state) {
    (void)state;
    json_t *body = body_of(
        "{\"name\":\"李小龍\",\"latin\":\"Li "
        "Xiaolong\",\"given\":\"小龍\",\"family\":\"李\","
        "\"org\":\"Example\",\"country\":\"TW\",\"kind\":\"week\",\"lang\":\"zh-TW\","
        "\"days\":[\"2015-03-23\",\"2015-03-24\"],\"roles\":[\"chair\",\"noc\"],"
        "\"gates\":[\"social\"],\"note\":\"see Ana\",\"ticket\":\"00000000000000aa\","
        "\"status\":\"blocked\",\"paid\":false,\"newcomer\":true,\"photo\":false,"
        "\"unknown\":{\"later\":1}}");
    struct person p;
    person_parse("0123456789ABCDEF", body, &p);
    assert_string_equal(p.id, "0123456789ABCDEF");
    assert_string_equal(p.name, "李小龍");
    assert_string_equal(p.latin, "Li Xiaolong");
    assert_string_equal(p.given, "小龍");
    assert_string_equal(p.family, "李");
    assert_string_equal(p.days, "2015-03-23 2015-03-24");
    assert_string_equal(p.roles, "chair noc");
    assert_string_equal(p.gates, "social");
    assert_string_equal(p.note, "see Ana");
    assert_string_equal(p.ticket, "00000000000000aa");
    assert_string_equal(p.lang, "zh-TW");
    assert_int_equal(p.status, PERSON_BLOCKED);
    assert_true(!p.is_paid && p.is_newcomer && p.no_photo);
    json_decref(body);
}

static void test_person_defaults_and_odd_fields(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{}",
        "{\"name\":5,\"days\":\"2015-03-23\",\"roles\":{},\"paid\":\"no\",\"status\":"
        "true,"
        "\"gates\":[1,null,\"\"],\"newcomer\":\"yes\",\"photo\":0}",
        "[]",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        json_t *body = body_of(bodies[i]);
        struct person p;
        memset(&p, 0x5a, sizeof p);
        person_parse("0123456789ABCDEFGHIJKLMNOP", body, &p);
        assert_string_equal(p.id, "0123456789ABCDEF"); // cut
        assert_string_equal(p.name, "");
        assert_string_equal(p.days, "");
        assert_string_equal(p.gates, "");
        assert_int_equal(p.status, PERSON_OK);
        assert_true(p.is_paid && !p.is_newcomer && !p.no_photo);
        json_decref(body);
    }
}

static void test_long_fields_are_cut_at_characters(void **state) {
    (void)state;
    char text[2048] = "";
    for (int i = 0; i < 300; i++) {
        strcat(text, "龍");
    }
    json_t *body = json_pack("{s:s,s:s,s:[s,s]}", "name", text, "org", text, "days", text,
                             "2015-03-23");
    struct person p;
    char key[PERSON_KEY_MAX];
    person_parse("0123456789ABCDEF", body, &p);
    assert_true(strlen(p.name) < sizeof p.name && strlen(p.name) % 3 == 0);
    assert_string_equal(p.days, "2015-03-23"); // whole items only
    person_key(&p, key);
    check_folded(key, sizeof key);
    json_decref(body);
}

static void test_key_holds_what_people_type(void **state) {
    (void)state;
    struct person p = {.name = "李小龍",
                       .latin = "Li Xiaolong",
                       .given = "小龍",
                       .family = "Lee",
                       .org = "Example Ñandú"};
    char key[PERSON_KEY_MAX];
    person_key(&p, key);
    assert_string_equal(key, " 李小龍 li xiaolong lee example nandu ");
    struct person full = {0}; // every field as long as it may be
    memset(full.name, 'a', TITLE_SIZE - 1);
    memset(full.latin, 'b', TITLE_SIZE - 1);
    memset(full.given, 'c', TITLE_SIZE - 1);
    memset(full.family, 'd', TITLE_SIZE - 1);
    memset(full.org, 'e', TITLE_SIZE - 1);
    person_key(&full, key);
    check_folded(key, sizeof key);
    struct person none = {0};
    person_key(&none, key);
    assert_string_equal(key, " ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_folding_keeps_apart),
        cmocka_unit_test(test_folding_any_bytes_into_any_size),
        cmocka_unit_test(test_person_is_read_whole),
        cmocka_unit_test(test_person_defaults_and_odd_fields),
        cmocka_unit_test(test_long_fields_are_cut_at_characters),
        cmocka_unit_test(test_key_holds_what_people_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
