#include "tests/support/crowd.h"

#include "sync/base/bytes.h"

#include <stdio.h>
#include <string.h>

enum { NAMES = 10 };

// Per region: weight in the crowd, names, and their Latin forms where they are needed.
struct region {
    unsigned weight;
    const char *country;
    bool is_family_first;
    const char *given[NAMES], *family[NAMES];
    const char *latin_given[NAMES], *latin_family[NAMES]; // NULL: is Latin already
};

static const struct region regions[] = {
    {30,
     "US",
     false,
     {"James", "Mary", "Robert", "Linda", "Dave", "Carol", "Ted", "Alice", "Fred", "Wes"},
     {"Crocker", "Baker", "Hardie", "Thaler", "Housley", "Arkko", "Rose", "Crowley",
      "Hall", "Eggert"},
     {NULL},
     {NULL}},
    {14,
     "DE",
     false,
     {"Jörg", "Jürgen", "Käthe", "Björn", "Günther", "Anneliese", "Rüdiger", "Zoë",
      "Sören", "Heike"},
     {"Müller", "Weiß", "Schönwälder", "Groß", "Bäcker", "Köhler", "Strauß", "Lübke",
      "Fuß", "Möller"},
     {NULL},
     {NULL}},
    {8,
     "FR",
     false,
     {"François", "Élodie", "Stéphane", "Chloé", "Benoît", "Hélène", "Noël", "Anaïs",
      "Rémi", "Agnès"},
     {"Lefèvre", "Garçon", "Bénard", "D'Aboville", "Forêt", "Côté", "O'Dell", "Château",
      "Dupré", "Hébert"},
     {NULL},
     {NULL}},
    {5,
     "PL",
     false,
     {"Łukasz", "Małgorzata", "Paweł", "Zdzisław", "Michał", "Bogusława", "Stanisław",
      "Wojciech", "Jędrzej", "Świętosława"},
     {"Wałęsa", "Brzęczyszczykiewicz", "Żółć", "Dąbrowski", "Łęcki", "Śliwa", "Wójcik",
      "Krół", "Jabłoński", "Gąska"},
     {NULL},
     {NULL}},
    {5,
     "VN",
     true,
     {"Thị Hằng", "Văn Đức", "Minh Châu", "Quốc Huy", "Thùy Dương", "Hữu Nghĩa",
      "Ngọc Ánh", "Đình Phúc", "Tuấn Kiệt", "Bảo Trân"},
     {"Nguyễn", "Trần", "Lê", "Phạm", "Đặng", "Võ", "Hoàng", "Đỗ", "Bùi", "Ngô"},
     {NULL},
     {NULL}},
    {4,
     "IS",
     false,
     {"Guðrún", "Þórður", "Sigríður", "Björk", "Æsa", "Halldór", "Ásgeir", "Örn", "Ýmir",
      "Eiríkur"},
     {"Þórðardóttir", "Guðmundsson", "Ægisson", "Sæmundsdóttir", "Björnsson",
      "Jónsdóttir", "Örvarsson", "Eðvarðsson", "Ásmundsson", "Helgadóttir"},
     {NULL},
     {NULL}},
    {6,
     "CN",
     true,
     {"小龍", "伟", "秀英", "建国", "丽", "强", "晓明", "芳", "志远", "静怡"},
     {"李", "王", "張", "刘", "陳", "楊", "黄", "赵", "周", "欧阳"},
     {"Xiaolong", "Wei", "Xiuying", "Jianguo", "Li", "Qiang", "Xiaoming", "Fang",
      "Zhiyuan", "Jingyi"},
     {"Li", "Wang", "Zhang", "Liu", "Chen", "Yang", "Huang", "Zhao", "Zhou", "Ouyang"}},
    {5,
     "JP",
     true,
     {"健太", "さくら", "大輔", "美咲", "翔", "ひかり", "直樹", "恵子", "拓海", "千尋"},
     {"佐藤", "鈴木", "高橋", "田中", "渡辺", "伊藤", "山本", "中村", "小林", "加藤"},
     {"Kenta", "Sakura", "Daisuke", "Misaki", "Sho", "Hikari", "Naoki", "Keiko", "Takumi",
      "Chihiro"},
     {"Sato", "Suzuki", "Takahashi", "Tanaka", "Watanabe", "Ito", "Yamamoto", "Nakamura",
      "Kobayashi", "Kato"}},
    {4,
     "KR",
     true,
     {"철수", "영희", "민준", "서연", "지훈", "수진", "현우", "은정", "도윤", "하은"},
     {"김", "이", "박", "최", "정", "강", "조", "윤", "장", "임"},
     {"Cheolsu", "Younghee", "Minjun", "Seoyeon", "Jihoon", "Sujin", "Hyunwoo",
      "Eunjeong", "Doyun", "Haeun"},
     {"Kim", "Lee", "Park", "Choi", "Jung", "Kang", "Cho", "Yoon", "Jang", "Lim"}},
    {4,
     "RU",
     false,
     {"Сергей", "Ольга", "Дмитрий", "Наталья", "Алексей", "Юлия", "Фёдор", "Анастасия",
      "Игорь", "Елена"},
     {"Иванов", "Кузнецова", "Щербаков", "Ёлкина", "Попов", "Жуков", "Соловьёва",
      "Цветков", "Яковлев", "Хачатурян"},
     {"Sergey", "Olga", "Dmitry", "Natalia", "Alexey", "Yulia", "Fyodor", "Anastasia",
      "Igor", "Elena"},
     {"Ivanov", "Kuznetsova", "Shcherbakov", "Yolkina", "Popov", "Zhukov", "Solovyova",
      "Tsvetkov", "Yakovlev", "Khachaturian"}},
    {3,
     "GR",
     false,
     {"Γιώργος", "Ελένη", "Δημήτρης", "Κατερίνα", "Νίκος", "Μαρία", "Ιωάννης", "Σοφία",
      "Χρήστος", "Άννα"},
     {"Παπαδόπουλος", "Οικονόμου", "Γεωργίου", "Νικολάου", "Καραγιάννης", "Μακρής",
      "Ξένος", "Ψαρράς", "Ζαχαρίου", "Βασιλείου"},
     {"Giorgos", "Eleni", "Dimitris", "Katerina", "Nikos", "Maria", "Ioannis", "Sofia",
      "Christos", "Anna"},
     {"Papadopoulos", "Oikonomou", "Georgiou", "Nikolaou", "Karagiannis", "Makris",
      "Xenos", "Psarras", "Zachariou", "Vasileiou"}},
    {4,
     "EG",
     false,
     {"محمد", "فاطمة", "أحمد", "عائشة", "يوسف", "مريم", "خالد", "ليلى", "عمر", "زينب"},
     {"الحسيني", "منصور", "عبد الله", "حداد", "نجار", "الخطيب", "سليمان", "قاسم", "رمضان",
      "شاهين"},
     {"Mohamed", "Fatima", "Ahmed", "Aisha", "Youssef", "Maryam", "Khaled", "Layla",
      "Omar", "Zaynab"},
     {"Elhusseini", "Mansour", "Abdallah", "Haddad", "Najjar", "Alkhatib", "Suleiman",
      "Qasim", "Ramadan", "Shahin"}},
    {2,
     "IL",
     false,
     {"משה", "רחל", "יעקב", "שרה", "דוד", "מרים", "אורי", "תמר", "נועם", "יעל"},
     {"כהן", "לוי", "מזרחי", "פרץ", "ביטון", "אברהם", "פרידמן", "אזולאי", "שפירא",
      "גולן"},
     {"Moshe", "Rachel", "Yaakov", "Sara", "David", "Miriam", "Uri", "Tamar", "Noam",
      "Yael"},
     {"Cohen", "Levi", "Mizrahi", "Peretz", "Biton", "Avraham", "Friedman", "Azoulay",
      "Shapira", "Golan"}},
    {4,
     "IN",
     false,
     {"अनिल", "सुनीता", "राजेश", "प्रिया", "विकास", "कविता", "अमित", "नेहा", "संजय", "दीपा"},
     {"शर्मा", "वर्मा", "गुप्ता", "सिंह", "पटेल", "मिश्रा", "जोशी", "चौधरी", "देशमुख", "त्रिपाठी"},
     {"Anil", "Sunita", "Rajesh", "Priya", "Vikas", "Kavita", "Amit", "Neha", "Sanjay",
      "Deepa"},
     {"Sharma", "Verma", "Gupta", "Singh", "Patel", "Mishra", "Joshi", "Chaudhary",
      "Deshmukh", "Tripathi"}},
    {2,
     "TH",
     false,
     {"สมชาย", "สมหญิง", "ปิ่นแก้ว", "ธนากร", "กิตติ", "วราภรณ์", "อนันต์", "มาลี", "ประเสริฐ",
      "นภา"},
     {"ใจดี", "ศรีสุข", "รักไทย", "ทองดี", "แสงจันทร์", "บุญมี", "วงศ์ใหญ่", "พรหมมา", "สุวรรณ",
      "จันทร์เพ็ญ"},
     {"Somchai", "Somying", "Pinkaew", "Thanakorn", "Kitti", "Waraporn", "Anan", "Malee",
      "Prasert", "Napa"},
     {"Jaidee", "Srisuk", "Rakthai", "Thongdee", "Saengchan", "Boonmee", "Wongyai",
      "Promma", "Suwan", "Chanpen"}},
};

static const char *const orgs[] = {"Example Networks",   "Universität Beispielstadt",
                                   "Acme Routing",       "Nordlicht Systems",
                                   "Instituto Ejemplo",  "株式会社サンプル",
                                   "Packet & Sons",      "Open Cabling",
                                   "Tēst Lab",           "Réseaux Exemplaires",
                                   "Third Octet",        "Quiet Fibre",
                                   "Example University", "DNS Works",
                                   "Kabel & Co",         "Hypothetical Telecom"};
static const char *const kinds[] = {"week", "week", "week", "early", "student", "day"};

// A well mixed number for person i and question n.
static uint32_t mix(uint32_t i, uint32_t n) {
    uint64_t z = ((uint64_t)i << 8 | n) * 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (uint32_t)(z >> 32);
}

static const struct region *region_of(uint32_t i) {
    unsigned at = mix(i, 0) % 100;
    for (size_t r = 0; r < sizeof regions / sizeof *regions; r++) {
        if (at < regions[r].weight) {
            return &regions[r];
        }
        at -= regions[r].weight;
    }
    return &regions[0];
}

// Most Latin family names are put together, or a crowd would have fifty of them.
static void family_of(uint32_t i, const struct region *r, char *out, size_t size) {
    static const char *const onset[] = {"B",  "Br", "C", "Cl",  "D",  "F", "Fr", "G",
                                        "Gr", "H",  "J", "K",   "Kr", "L", "M",  "N",
                                        "P",  "R",  "S", "Sch", "St", "T", "V",  "W"};
    static const char *const nucleus[] = {"a", "e", "i", "o", "u", "ai", "ie", "ö"};
    static const char *const coda[] = {"ck", "ld", "ll", "m",  "mb", "n",  "nd",
                                       "ng", "nt", "r",  "rd", "rk", "rl", "rn",
                                       "rt", "s",  "sk", "st", "t",  "x"};
    static const char *const back[] = {"ley",  "ton", "son",   "berg", "mann",  "ski",
                                       "ović", "er",  "quist", "wood", "field", "stein",
                                       "eau",  "ez",  "ini",   "ford"};
    if (r->latin_family[0] || r->is_family_first || mix(i, 2) % 12 == 0) {
        snprintf(out, size, "%s", r->family[mix(i, 3) % NAMES]);
        return;
    }
    snprintf(out, size, "%s%s%s%s", onset[mix(i, 4) % 24], nucleus[mix(i, 5) % 8],
             coda[mix(i, 6) % 20], back[mix(i, 12) % 16]);
}

void crowd_make(uint32_t i, struct crowd_person *out) {
    const struct region *r = region_of(i);
    size_t given = mix(i, 1) % NAMES;
    *out = (struct crowd_person){.country = r->country, .kind = kinds[mix(i, 7) % 6]};
    snprintf(out->given, sizeof out->given, "%s", r->given[given]);
    family_of(i, r, out->family, sizeof out->family);
    bool is_cjk = r->is_family_first && r->latin_family[0];
    snprintf(out->name, sizeof out->name, "%.70s%s%.70s",
             r->is_family_first ? out->family : out->given, is_cjk ? "" : " ",
             r->is_family_first ? out->given : out->family);
    if (r->latin_family[0]) {
        snprintf(out->latin, sizeof out->latin, "%s %s", r->latin_given[given],
                 r->latin_family[mix(i, 3) % NAMES]);
    }
    snprintf(out->org, sizeof out->org, "%s",
             orgs[mix(i, 8) % (sizeof orgs / sizeof *orgs)]);
    uint32_t raw[3] = {i, mix(i, 9), mix(i, 10)};
    char id[21];
    base32_format(raw, 10, id);
    memcpy(out->id, id, PERSON_ID_CHARS);
    hex_format(raw, 8, out->ticket);
}

json_t *crowd_body(const struct crowd_person *p) {
    json_t *body = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s}", "name", p->name,
                             "given", p->given, "family", p->family, "org", p->org,
                             "country", p->country, "kind", p->kind, "ticket", p->ticket,
                             "mail", "00112233445566778899aabbccddeeff");
    if (p->latin[0]) {
        json_object_set_new(body, "latin", json_string(p->latin));
    }
    if (p->ticket[15] < '6') { // two in five go to the social event
        json_object_set_new(body, "gates", json_pack("[s]", "social"));
    }
    return body;
}

bool crowd_type(uint32_t i, size_t keys, char *out, size_t size) {
    struct crowd_person p;
    char word[2 * TITLE_SIZE];
    crowd_make(i, &p);
    uint32_t how = mix(i, 11) % 10;
    const char *latin = p.latin[0] ? strchr(p.latin, ' ') + 1 : p.family;
    snprintf(word, sizeof word, "%s", p.family);
    if (how < 2) {
        snprintf(word, sizeof word, "%s", p.given);
    } else if (how < 4) {
        snprintf(word, sizeof word, "%s %s", p.given, p.family);
    } else if (how < 7) {
        snprintf(word, sizeof word, "%s", latin);
    }
    size_t len = 0;
    for (size_t chars = 0; word[len] && chars < keys; chars++) {
        do {
            len++;
        } while (((uint8_t)word[len] & 0xc0) == 0x80);
        if (chars + 1 == keys) {
            break;
        }
        if (!word[len]) {
            return false;
        }
    }
    if (how == 9 && keys == 4 && word[len - 1] >= 'a') { // a slip
        word[len - 1] = 'q';
    }
    word[len] = '\0';
    snprintf(out, size, "%s", word);
    return true;
}
